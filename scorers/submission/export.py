"""A bundle in the forms that others read."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.types import TICKS_PER_SECOND, SandboxError, Status, Verdict
from scorers.figures import HEADLINE, reported_ks
from scorers.metrics.names import CORRECT, OPTIMIZED, SPEEDUP
from scorers.submission.bundle import Bundle, SplitFacts
from scorers.submission.run import Run
from scorers.types import CandidateScore, PairScore

_HEADLINES = (OPTIMIZED, SPEEDUP, CORRECT)
_TASKS = {OPTIMIZED: "optimized", SPEEDUP: "speedup", CORRECT: "correct"}


@dataclass(frozen=True)
class _Source:
    """A bundle with what an export may need of its split.

    Attributes:
        bundle: The bundle.
        run: Its run, with all programs.
        split: The split's ids and slow programs.
        targets: Pair id -> the human author's faster program.
        dataset_id: The data set's id on the Hugging Face hub, for what is published there.
    """

    bundle: Bundle
    run: Run
    split: SplitFacts
    targets: Mapping[str, str]
    dataset_id: str


def export_bundle(
    bundle: Bundle, form: str, path: Path, split: SplitFacts, *, targets: Mapping[str, str], dataset_id: str = ""
) -> None:
    """Write ``bundle`` to ``path`` in another form.

    Args:
        bundle: A bundle that agrees with itself.
        form: A name in :data:`FORMATS`.
        path: The file to write.
        split: The bundle's split.
        targets: Pair id -> the human author's faster program.
        dataset_id: The data set's id on the Hugging Face hub; the form ``hf`` needs it.

    Raises:
        SandboxError: The form is unknown or needs something more, or the file can't be written.
    """
    if form not in FORMATS:
        raise SandboxError(f"unknown form {form!r}; choose one of: {', '.join(sorted(FORMATS))}")
    content = FORMATS[form](_Source(bundle, bundle.run(split.sources), split, targets, dataset_id))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        raise SandboxError(f"can't write {path}: {error.strerror}") from None


def _hf(source: _Source) -> bytes:
    """Entries for a model repository's ``.eval_results/*.yaml``."""
    import yaml
    from huggingface_hub import EvalResultEntry, eval_result_entries_to_yaml

    dataset_id = source.dataset_id or source.run.about.split.removeprefix("hub:").partition(":")[0]
    if "/" not in dataset_id:
        raise SandboxError("the form hf names a data set on the hub; give its id with --dataset OWNER/NAME")
    about = source.run.about
    notes = (
        f"{about.label}, {about.strategy}, clock {about.fingerprint['sha256'][:12]}, bundle {source.bundle.sha256[:12]}"
    )
    entries = [
        EvalResultEntry(
            dataset_id, f"best{k}_{_TASKS[name]}", _value(source, f"{name}@{k}"), date=about.date, notes=notes
        )
        for k in reported_ks(about.k)
        for name in _HEADLINES
    ]
    return bytes(yaml.safe_dump(eval_result_entries_to_yaml(entries), sort_keys=False, allow_unicode=True).encode())


def _evalplus(source: _Source) -> bytes:
    """EvalPlus' samples: the program alone, k lines a task; an answer without a program is an empty one."""
    lines = [
        {"task_id": score.pair_id, "solution": candidate.code or ""}
        for score in source.run.scores
        for candidate in score.candidates
    ]
    return _json_lines(iter(lines))


def _pie(source: _Source) -> bytes:
    """The published evaluation's columns, which its ``report_results`` reads."""
    return _json_lines(_pie_row(score, source) for score in source.run.scores)


def _pie_row(score: PairScore, source: _Source) -> dict[str, Any]:
    names = [test.name for test in score.source[HEADLINE].tests]
    problem, src, tgt = _ids(score)
    row: dict[str, Any] = {
        "problem_id": problem,
        "src_id": src,
        "tgt_id": tgt,
        "src_code": source.split.sources[score.pair_id],
        "tgt_code": source.targets[score.pair_id],
        "tests": names,
        "n_tests": len(names),
        "generated_answers": [candidate.code for candidate in score.candidates],
        "src_code_compilation": score.source[HEADLINE].binary_sha256 is not None,
        **_times("src_code", score.source[HEADLINE], len(names)),
    }
    for number, candidate in enumerate(score.candidates):
        column = f"generated_answers_{number}"
        verdict = candidate.verdicts[HEADLINE]
        row |= {column: candidate.code, f"{column}_compilation": verdict.binary_sha256 is not None}
        row |= _times(column, verdict, len(names))
    return row


def _ids(score: PairScore) -> tuple[str, str, str]:
    """The parts of ``problem_src_tgt``; a pair's id that isn't built so stands for its source alone."""
    problem = score.problem_id
    src, separator, tgt = score.pair_id.removeprefix(f"{problem}_").partition("_")
    return (problem, src, tgt) if separator else (problem, score.pair_id, "")


def _times(column: str, verdict: Verdict, tests: int) -> dict[str, Any]:
    """Published columns of one program. Early stop leaves tests out: what isn't known of them is null."""
    accuracies = [test.accuracy for test in verdict.tests if test.accuracy is not None]
    known = len(accuracies) == tests
    accuracy = sum(accuracies) / tests if known and tests else None
    if verdict.status in (Status.COMPILE_ERROR, Status.NO_CODE):
        accuracy = 0.0
    return {
        f"{column}_agg_runtime": verdict.seconds if verdict.ticks is not None else None,
        f"{column}_accuracy": 1.0 if verdict.correct else accuracy,
        f"{column}_tc2time": {
            test.name: None if test.ticks is None else test.ticks / TICKS_PER_SECOND for test in verdict.tests
        },
    }


def _card(source: _Source) -> bytes:
    """A table for a model card."""
    about = source.run.about
    lines = [
        f"### PIE: {about.label}, {about.strategy}",
        "",
        "| Figure | Value | 95 % interval |",
        "| --- | ---: | ---: |",
        *(f"| {name} | {value} | {ends} |" for name, value, ends in _table(source)),
        "",
        f"Simulated time; {len(source.run.scores)} pairs, intervals over problems. Split `{about.split_sha256[:12]}`, "
        f"clock `{about.fingerprint['sha256'][:12]}`, bundle `{source.bundle.sha256[:12]}`.",
    ]
    return ("\n".join(lines) + "\n").encode()


def _latex(source: _Source) -> bytes:
    """A ``tabular`` for a paper."""
    about = source.run.about
    rows = (rf"{_tex(name)} & {value} & {ends.replace(' to ', '--')} \\" for name, value, ends in _table(source))
    lines = [
        f"% PIE: {about.label}, {about.strategy}, {about.model}; bundle {source.bundle.sha256[:12]}".replace("\n", " "),
        r"\begin{tabular}{lrr}",
        r"\hline",
        rf"{_tex(about.model)} & & 95\,\% interval \\",
        r"\hline",
        *rows,
        r"\hline",
        r"\end{tabular}",
    ]
    return ("\n".join(lines) + "\n").encode()


def _tex(text: str) -> str:
    special = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
    return "".join(
        special.get(character, f"\\{character}" if character in "%&_#${}" else character) for character in text
    )


def _table(source: _Source) -> Iterator[tuple[str, str, str]]:
    for k in reported_ks(source.run.about.k):
        for name in _HEADLINES:
            figure = source.bundle.figures[f"{name}@{k}"]
            low, high = figure["low"], figure["high"]
            yield (
                f"{name}@{k}",
                f"{figure['value']:.2f}",
                "–" if low is None or high is None else f"{low:.2f} to {high:.2f}",
            )


def _csv(source: _Source) -> bytes:
    """One line a candidate."""
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, list(_COLUMNS))
    writer.writeheader()
    writer.writerows(_candidates(source))
    return buffer.getvalue().encode()


def _parquet(source: _Source) -> bytes:
    """One row a candidate, with its program."""
    import pyarrow
    from pyarrow import parquet

    rows = [
        {**row, "code": candidate.code} for row, candidate in zip(_candidates(source), _all(source.run), strict=True)
    ]
    kinds = {str: pyarrow.string(), int: pyarrow.int64(), float: pyarrow.float64(), bool: pyarrow.bool_()}
    schema = pyarrow.schema([*((name, kinds[kind]) for name, kind in _COLUMNS.items()), ("code", pyarrow.string())])
    buffer = io.BytesIO()
    parquet.write_table(pyarrow.Table.from_pylist(rows, schema=schema), buffer)
    return buffer.getvalue()


_COLUMNS: dict[str, type] = {
    "model": str,
    "split": str,
    "engine": str,
    "pair_id": str,
    "problem_id": str,
    "sample": int,
    "verdict": str,
    "correct": bool,
    "source_ticks": int,
    "ticks": int,
    "speedup": float,
    "strict_verdict": str,
    "failing_test": str,
    "flags": str,
}


def _candidates(source: _Source) -> Iterator[dict[str, Any]]:
    about = source.run.about
    failing = iter(line[HEADLINE]["failing_test"] for line in source.bundle.verdicts)
    for score in source.run.scores:
        for sample, candidate in enumerate(score.candidates):
            verdict = candidate.verdicts[HEADLINE]
            yield {
                "model": about.model,
                "split": about.split,
                "engine": about.clock,
                "pair_id": score.pair_id,
                "problem_id": score.problem_id,
                "sample": sample,
                "verdict": verdict.status.value,
                "correct": verdict.correct,
                "source_ticks": score.source[HEADLINE].ticks,
                "ticks": verdict.ticks,
                "speedup": candidate.speedups[HEADLINE],
                "strict_verdict": candidate.verdicts["strict"].status.value,
                "failing_test": next(failing),
                "flags": " ".join(candidate.flags),
            }


def _all(run: Run) -> Iterator[CandidateScore]:
    for score in run.scores:
        yield from score.candidates


def _value(source: _Source, name: str) -> float:
    return round(source.bundle.figures[name]["value"] or 0.0, 4)


def _json_lines(rows: Iterator[Mapping[str, Any]]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=True, allow_nan=False) + "\n" for row in rows).encode()


FORMATS: dict[str, Callable[[_Source], bytes]] = {
    "hf": _hf,
    "evalplus": _evalplus,
    "pie": _pie,
    "card": _card,
    "latex": _latex,
    "csv": _csv,
    "parquet": _parquet,
}
"""Form -> what writes it."""
