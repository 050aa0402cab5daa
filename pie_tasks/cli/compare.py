"""``pie compare``: what differs between runs on the same pairs, and whether it is more than noise."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from pie_tasks.cli.choices import sandbox_options, split_options
from pie_tasks.cli.files import write_text
from pie_tasks.runs import load_run
from sandbox.types import SandboxError
from scorers.report.compare import Comparison, compare_runs
from scorers.report.compare_page import COLUMNS, EXPLANATION, cells, compare_markdown, compare_page
from scorers.submission import Run


@click.command()
@click.argument("runs", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option("--k", type=int, help="Take the first K samples of each pair [all].")
@click.option("--html", type=click.Path(path_type=Path), help="Write the comparison to this HTML file too.")
@click.option("--markdown", type=click.Path(path_type=Path), help="Write it to this Markdown file too.")
@split_options
@sandbox_options
def compare(runs: tuple[Path, ...], k: int | None, html: Path | None, markdown: Path | None, **chosen: Any) -> None:
    """Compare RUNS (bundles, lm-eval output folders, Inspect logs, generations) with the first of them."""
    if len(runs) < 2:
        raise SandboxError("a comparison needs at least two runs")
    loaded = [load_run(path, chosen, {}).run for path in runs]
    named = dict(zip(_names(runs, loaded), loaded, strict=True))
    comparisons = compare_runs(named, k)
    first = loaded[0]
    _print(comparisons, first)
    if html:
        write_text(html, compare_page(comparisons, first))
    if markdown:
        write_text(markdown, compare_markdown(comparisons, first))


def _names(paths: Sequence[Path], runs: Sequence[Run]) -> list[str]:
    """The models' names; where two are equal, with the file's name, then its place."""
    names = [run.about.model for run in runs]
    if len(set(names)) < len(names):
        names = [f"{name} ({path.name})" for name, path in zip(names, paths, strict=True)]
    if len(set(names)) < len(names):
        names = [f"{name} #{place}" for place, name in enumerate(names, 1)]
    return names


def _print(comparisons: Sequence[Comparison], first: Run) -> None:
    console = Console()
    for one in comparisons:
        what = f"{first.about.label}, best@{one.k}, {one.pairs} pairs of {one.problems} problems"
        table = Table(
            title=escape(f"{one.second} against {one.first}: {what}"),
            caption=f"{one.wins} wins, {one.ties} ties, {one.losses} losses",
        )
        for column in COLUMNS:
            table.add_column(column, justify="left" if column == COLUMNS[0] else "right")
        for difference in one.differences:
            table.add_row(*cells(difference))
        console.print(table)
    console.print(f"[dim]{EXPLANATION}[/dim]")
