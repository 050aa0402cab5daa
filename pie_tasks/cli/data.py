"""``pie data``: import a data set, and look at it before a long run."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from itertools import combinations
from typing import Any

import click

from pie_tasks.cli.choices import containment_options, split_options
from pie_tasks.cli.data_import import import_
from pie_tasks.cli.data_show import show
from pie_tasks.cli.progress import count_bar
from pie_tasks.dataset import DATASETS, Split, load_split, report_split
from pie_tasks.dataset.manifest import is_imported, read_manifest
from pie_tasks.dataset.verify import failing_programs
from pie_tasks.options import Options

_SHOWN = 20
"""Faults of a split that are printed."""


@click.group()
def data() -> None:
    """Import a data set; look at one."""


data.add_command(import_)
data.add_command(show)


@data.command()
@split_options
@click.option("--run", is_flag=True, help="Compile the split's programs and run them on their tests.")
@click.option("--limit", type=click.IntRange(min=1), help="With --run: take only the first LIMIT pairs.")
@click.option("--any-size", is_flag=True, help="Don't hold the sizes against the published ones.")
@containment_options
def check(run: bool, limit: int | None, any_size: bool, **chosen: Any) -> None:
    """Read every row and every test of a split; exit with 1 where something would spoil a run.

    Without --split, and with an imported data set as the data folder, all its splits are checked, and that no two of
    them share a problem.
    """
    splits = _splits(chosen)
    sound = True
    for split in splits:
        sound = _check(split, any_size) and sound
        if run:
            sound = _run(split, limit, chosen) and sound
    shared = _shared_problems(splits)
    for line in shared:
        click.echo(f"fault: {line}")
    if len(splits) > 1 and not shared:
        click.echo("training, validation and test splits share no problem")
    sys.exit(0 if sound and not shared else 1)


def _splits(chosen: dict[str, Any]) -> list[Split]:
    options = Options.resolve(chosen)
    folder = options.folder
    if chosen.get("split") or os.environ.get("PIE_SPLIT") or folder is None or not is_imported(folder):
        return [options.load()]
    rows = read_manifest(folder).rows
    names = [name for name in DATASETS.names() if not DATASETS.get(name).bundled and "public" not in name]
    return [load_split(name, folder) for name in names if DATASETS.get(name).file.removesuffix(".jsonl") in rows]


def _check(split: Split, any_size: bool) -> bool:
    report = report_split(split, any_size=any_size)
    tests = "not all tests are there"
    if report.tests:
        tests = f"{report.tests[0]} to {report.tests[1]} tests each (median {report.median_tests:g})"
    click.echo(f"{report.name}: {report.pairs} pairs of {report.problems} problems, {tests}")
    if report.content_sha256:
        click.echo(f"sha256 {report.content_sha256}")
    _print_faults(report.faults)
    return not report.faults


def _run(split: Split, limit: int | None, chosen: dict[str, Any]) -> bool:
    options = Options.resolve(chosen)
    rows = split.rows[:limit]
    with options.programs() as programs, count_bar("run", 2 * len(rows)) as advance:
        count, failures = failing_programs(split, rows, programs, advance)
    click.echo(f"{split.name}: {count - len(failures)} of {count} programs pass their tests")
    _print_faults(failures)
    return not failures


def _print_faults(faults: Sequence[str]) -> None:
    for fault in faults[:_SHOWN]:
        click.echo(f"fault: {fault}")
    if len(faults) > _SHOWN:
        click.echo(f"fault: … and {len(faults) - _SHOWN} more")


def _shared_problems(splits: Sequence[Split]) -> list[str]:
    """A line for each problem that two splits of different purpose have."""
    purpose = {"pie_test": "test", "pie_val": "validation"}
    lines = []
    for one, other in combinations(splits, 2):
        if purpose.get(one.name) == purpose.get(other.name):
            continue
        both = {row.problem_id for row in one.rows} & {row.problem_id for row in other.rows}
        lines += [f"problem {problem} is in {one.name} and in {other.name}" for problem in sorted(both)]
    return lines
