"""``pie score``: score recorded generations without a framework."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from pie_tasks.cli.choices import run_options, sandbox_options, split_options
from pie_tasks.dataset import Split
from pie_tasks.generations import BUNDLED, Generations, read_generations
from pie_tasks.options import Options
from pie_tasks.progress import show_progress
from sandbox.paths import require_writable
from sandbox.types import SandboxError
from scorers.evaluate import Evaluator
from scorers.figures import estimate, pair_figures, run_figures
from scorers.records import candidate_record, source_record
from scorers.types import PairScore


@click.command()
@click.argument("generations", type=click.Path(path_type=Path), default=BUNDLED)
@split_options
@click.option("--k", type=int, help="Take the first K samples of each pair [all, if each has the same number].")
@sandbox_options
@run_options
@click.option("--partial", is_flag=True, help="Score the pairs that the file has, though the split has more.")
@click.option("--output", "-o", type=click.Path(path_type=Path), help="Write figures and all verdicts to a JSON file.")
def score(
    generations: Path, k: int | None, partial: bool, output: Path | None, progress: str | None, **chosen: Any
) -> None:
    """Score recorded GENERATIONS: JSON lines with generated_answers, or task_id and solution.

    Without a file, the bundled answers for pie_mini are scored.
    """
    recorded = read_generations(generations)
    options = Options.resolve({**chosen, "k": samples_each(recorded) if k is None else k})
    split = options.load_scored()
    if output:
        require_writable(output, "figures")
    items = [
        (split.pair(split.row(pair_id)), recorded[pair_id][: options.k])
        for pair_id in pairs_to_score(split, recorded, options.k, partial)
    ]
    with show_progress(items, progress) as report, Evaluator(options.settings(), report) as evaluator:
        scores = evaluator.evaluate(items)
        fingerprint = evaluator.fingerprint
    of_pairs = pair_figures(scores, [responses for _, responses in items])
    problems = [pair.problem_id for pair, _ in items]
    figures = run_figures(of_pairs, options.k, problems)
    _print(of_pairs, figures, problems, options)
    if output:
        _write(output, options=options, split=split, fingerprint=fingerprint, figures=figures, scores=scores)


def samples_each(recorded: Generations) -> int:
    """How many samples every pair has.

    Raises:
        SandboxError: Pairs have unequally many.
    """
    numbers = {len(samples) for samples in recorded.values()}
    if len(numbers) > 1:
        raise SandboxError(
            f"pairs have {min(numbers)} to {max(numbers)} samples; say with --k how many to take of each"
        )
    return numbers.pop()


def pairs_to_score(split: Split, recorded: Generations, k: int, partial: bool) -> list[str]:
    """The pairs to score, in the split's order.

    Raises:
        SandboxError: A pair is not in the split, has no generations, or fewer than ``k``.
    """
    known = [row.pair_id for row in split.rows]
    strangers = sorted(set(recorded) - set(known))
    if strangers:
        raise SandboxError(f"{len(strangers)} pairs are not in split {split.name}, the first is {strangers[0]}")
    missing = [pair_id for pair_id in known if pair_id not in recorded]
    if missing and not partial:
        raise SandboxError(
            f"{len(missing)} of the {len(known)} pairs of split {split.name} have no generations, the first is "
            f"{missing[0]}; --partial scores the others alone"
        )
    chosen = [pair_id for pair_id in known if pair_id in recorded]
    short = [pair_id for pair_id in chosen if len(recorded[pair_id]) < k]
    if short:
        raise SandboxError(f"pair {short[0]} has {len(recorded[short[0]])} samples; best@{k} needs {k}")
    return chosen


def _print(
    of_pairs: Sequence[dict[str, float]], figures: dict[str, float], problems: Sequence[str], options: Options
) -> None:
    """The table. Errors and intervals are over problems, for pairs of one problem aren't independent."""
    table = Table(title=f"{options.label}, best of {options.k}")
    table.add_column(f"{len(problems)} pairs of {len(set(problems))} problems", no_wrap=True)
    for column in ("Value", "Stderr", "95 % interval"):
        table.add_column(column, justify="right", no_wrap=True)
    for name, value in figures.items():
        if name in of_pairs[0]:
            spread = estimate(name, [one[name] for one in of_pairs], problems)
            table.add_row(name, f"{value:.4f}", f"{spread.stderr:.4f}", f"{spread.low:.4f} to {spread.high:.4f}")
        elif name.endswith(("/median", "/geomean")):  # the others are ends of the intervals above
            table.add_row(name, f"{value:.4f}")
    Console().print(table)


def _write(
    output: Path,
    *,
    options: Options,
    split: Split,
    fingerprint: dict[str, str],
    figures: dict[str, float],
    scores: Sequence[PairScore],
) -> None:
    content = {
        "split": split.name,
        "split_sha256": split.content_sha256,
        "k": options.k,
        "isolation": options.isolation,
        "fingerprint": fingerprint,
        "figures": figures,
        "pairs": [
            {
                "pair_id": score.pair_id,
                "problem_id": score.problem_id,
                "source": source_record(score),
                "candidates": [candidate_record(candidate) for candidate in score.candidates],
            }
            for score in scores
        ],
    }
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise SandboxError(f"can't write {output}: {error.strerror}") from None
