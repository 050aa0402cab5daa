"""``pie train``: training files from the data set."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import click

from pie_tasks.cli.choices import sandbox_options
from pie_tasks.cli.files import write_text
from pie_tasks.cli.progress import count_bar
from pie_tasks.dataset import DATASETS, PieRow, Split, load_split, read_rows
from pie_tasks.dataset.tags import PUBLISHED
from pie_tasks.options import Options
from pie_tasks.training.export import ExportOptions, ExportReport, export
from pie_tasks.training.formats import FORMATS, official_row
from pie_tasks.training.leaks import Finding, Leak, LeakCheck
from pie_tasks.training.measure import measured_rows
from pie_tasks.training.read import read_training_file
from pie_tasks.training.select import SELECTIONS
from pie_tasks.training.tokens import LEXICAL

_SHOWN = 20
"""Leaks that are printed."""

_train_option = click.option("--split", default="pie_train", show_default=True, help="Training split.")
_data_option = click.option("--data-dir", metavar="DIR", help="Folder of the official files [PIE_DATA_DIR].")
_rows_option = click.option(
    "--rows",
    type=click.Path(path_type=Path),
    help="Take this file's pairs (official columns) in place of the split's.",
)
_against_option = click.option(
    "--against", multiple=True, metavar="SPLIT", help="Held-out split, repeatable [pie_test and pie_val; pie_mini]."
)


@click.group()
def train() -> None:
    """Make training files for models."""


@train.command("export")
@click.argument("folder", type=click.Path(path_type=Path))
@_train_option
@_data_option
@_rows_option
@click.option("--selection", type=click.Choice(SELECTIONS.names()), default="all", show_default=True)
@click.option("--tags/--no-tags", default=False, show_default=True, help="Put performance tags into the prompts.")
@click.option("--format", "format_", type=click.Choice(FORMATS.names()), default="openai", show_default=True)
@click.option(
    "--synthetic", type=click.Path(path_type=Path), multiple=True, help="Further pairs (official columns), repeatable."
)
@_against_option
@click.option("--seed", type=int, default=0, show_default=True, help="Decides the order.")
@click.option("--limit", type=click.IntRange(min=1), help="Most examples.")
@click.option(
    "--tokenizer",
    default=LEXICAL,
    show_default=True,
    help="Counts tokens: lexical, tiktoken:NAME, or a transformers one.",
)
@click.option("--max-tokens", type=click.IntRange(min=1), help="Leave longer examples out.")
def export_(
    *,
    folder: Path,
    split: str,
    data_dir: str | None,
    rows: Path | None,
    synthetic: tuple[Path, ...],
    against: tuple[str, ...],
    format_: str,
    **chosen: Any,
) -> None:
    """Write a training file into FOLDER, with a report. Repeated pairs and leaks are left out and counted."""
    pairs = _pairs(split, data_dir, rows)
    further: list[PieRow] = [row for path in synthetic for row in read_rows(path, unique=False)]
    report = export(
        pairs, _held_out(split, data_dir, against), folder, ExportOptions(format=format_, **chosen), further
    )
    _print(report, folder)


@train.command()
@click.argument("file", type=click.Path(path_type=Path))
@_train_option
@_data_option
@_against_option
def leaks(file: Path, split: str, data_dir: str | None, against: tuple[str, ...]) -> None:
    """Hold a training FILE of any format against the held-out splits; exit with 1 where it gives something away."""
    held_out = _held_out(split, data_dir, against)
    check = LeakCheck(held_out)
    problems = {row.problem_id: one.name for one in held_out for row in one.rows}
    found: list[Finding] = []
    count = 0
    for example in read_training_file(file):
        count += 1
        if example.problem_id in problems:
            where = f"{problems[example.problem_id]}, problem {example.problem_id}"
            found.append(Finding(example.name, Leak.SAME_PROBLEM, where))
            continue
        finding = check.find_programs(example.name, example.programs)
        found += [finding] if finding else []
    for finding in found[:_SHOWN]:
        click.echo(f"{finding.leak.value}: {finding.pair_id}: {finding.where}")
    if len(found) > _SHOWN:
        click.echo(f"… and {len(found) - _SHOWN} more")
    kinds = ", ".join(f"{number} {kind}" for kind, number in Counter(one.leak.value for one in found).items())
    click.echo(f"{count} examples against {', '.join(one.name for one in held_out)}: {kinds or 'no leak'}")
    sys.exit(1 if found else 0)


@train.command()
@click.argument("output", type=click.Path(path_type=Path))
@_train_option
@_data_option
@_rows_option
@click.option("--limit", type=click.IntRange(min=1), help="Only the first LIMIT pairs.")
@click.option("--deciles", is_flag=True, help="Tags are tenths of these pairs, not bins of the published scale.")
@sandbox_options
def tag(
    *,
    output: Path,
    split: str,
    data_dir: str | None,
    rows: Path | None,
    limit: int | None,
    deciles: bool,
    **chosen: Any,
) -> None:
    """Measure the pairs' programs with an engine and write them to OUTPUT with its times and tags (for --rows)."""
    pairs = _pairs(split, data_dir, rows)
    some = pairs.rows[:limit]
    options = Options.resolve(chosen)
    programs = len({(row.problem_id, code) for row in some for code in (row.src_code, row.tgt_code)})
    with (
        options.environment() as environment,
        count_bar("measure", programs) as advance,
    ):
        measured, faults = measured_rows(pairs, some, environment, None if deciles else PUBLISHED, advance)
    write_text(output, "".join(json.dumps(official_row(row)) + "\n" for row in measured))
    for fault in faults[:_SHOWN]:
        click.echo(f"left out: {fault}")
    tags = Counter(row.perf_tag for row in measured)
    click.echo(f"{output}: {len(measured)} pairs by {options.engine}, {len(faults)} left out")
    click.echo("tags: " + ", ".join(f"{number} of {name}/10" for name, number in sorted(tags.items()) if name))


def _pairs(name: str, data_dir: str | None, rows: Path | None) -> Split:
    if rows is None:
        return load_split(name, _folder(data_dir))
    tests = load_split(name, _folder(data_dir)).tests
    return Split(name=str(rows), rows=read_rows(rows, unique=False), tests=tests)


def _held_out(name: str, data_dir: str | None, against: tuple[str, ...]) -> list[Split]:
    bundled = name in DATASETS.names() and DATASETS.get(name).bundled
    names = against or (("pie_mini",) if bundled else ("pie_test", "pie_val"))
    return [load_split(one, _folder(data_dir)) for one in names]


def _folder(data_dir: str | None) -> Path | None:
    return Options.resolve({"data_dir": data_dir}).folder


def _print(report: ExportReport, folder: Path) -> None:
    click.echo(f"{folder / report.file}: {report.examples} examples of {report.rows} pairs")
    for reason, number in sorted(report.left_out.items()):
        click.echo(f"  {number} left out: {reason}")
    tokens = report.tokens
    click.echo(f"{tokens.total} tokens ({tokens.tokenizer}), {tokens.median:g} median, {tokens.longest} longest")
    click.echo(f"sha256 {report.sha256}")
