"""``pie report``: a run as a table in the terminal, or as one HTML file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from pie_tasks.cli.choices import sandbox_options, split_options
from pie_tasks.cli.files import write_text
from pie_tasks.runs import LoadedRun, load_run
from sandbox.types import SandboxError, TestCase
from scorers.evaluate import Evaluator, Settings
from scorers.figures import reported_ks
from scorers.flags import flag_counts, flag_meaning
from scorers.report.page import HEADLINES, Extras, interval, report_page
from scorers.report.paper import warnings
from scorers.report.startup import StartUp, measure_startup
from scorers.submission import Run
from scorers.submission.aggregates import aggregate


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--output", "-o", type=click.Path(path_type=Path), help="Write the whole report to this HTML file.")
@click.option(
    "--startup/--no-startup", default=True, help="Measure process start-up for the page [if the clock is here]."
)
@click.option("--show-tests", is_flag=True, help="Put failing tests' contents into the page, not only their sizes.")
@click.option("--task", help="Which task of an lm-eval run with several.")
@click.option("--k", type=int, help="Take the first K samples of plain generations.")
@click.option("--partial", is_flag=True, help="Take generations that don't cover the whole split.")
@split_options
@sandbox_options
def report(
    run: Path,
    *,
    output: Path | None,
    startup: bool,
    show_tests: bool,
    task: str | None,
    k: int | None,
    partial: bool,
    **chosen: Any,
) -> None:
    """Show RUN: a bundle, an lm-eval output folder, an Inspect .eval log, or generations as JSON lines."""
    loaded = load_run(run, {**chosen, "k": k}, {}, task, partial)
    print_headline(loaded.run)
    if output is None:
        return
    split = loaded.split
    measured, note = _startup(loaded) if startup else ([], "left out by --no-startup")
    extras = Extras(
        targets={row.pair_id: row.tgt_code for row in split.rows},
        startup=measured,
        startup_note=note,
        find_test=lambda pair_id, name: _test(loaded, pair_id, name),
        show_tests=show_tests,
    )
    write_text(output, report_page(loaded.run, {row.pair_id: row.src_code for row in split.rows}, extras))
    click.echo(f"{output}")


def print_headline(run: Run) -> None:
    """The headline figures as a table."""
    figures = aggregate(run.scores, run.responses)
    problems = len({score.problem_id for score in run.scores})
    table = Table(title=f"{escape(run.name)}: {len(run.scores)} pairs of {problems} problems")
    table.add_column("")
    for name in HEADLINES:
        table.add_column(name, justify="right")
    for k in reported_ks(run.about.k):
        cells = [figures[f"{name}@{k}"] for name in HEADLINES]
        table.add_row(f"best@{k}", *(f"{one.value:.2f}\n[dim]{interval(one)}[/dim]" for one in cells))
    console = Console()
    console.print(table)
    console.print("[dim]95 % intervals over problems (studentised cluster bootstrap)[/dim]")
    for name, count in flag_counts(run.scores).items():
        console.print(f"[yellow]flag {name}:[/yellow] {count} candidates; {flag_meaning(name)}", highlight=False)
    for line in warnings(run.about):
        console.print(f"[yellow]note:[/yellow] {escape(line)}", highlight=False)


def _startup(loaded: LoadedRun) -> tuple[list[StartUp], str]:
    """Start-up times, where this machine has the run's clock; otherwise why not."""
    about = loaded.run.about
    if about.timing_tests is not None:  # a start-up is held against the times of all of a problem's tests
        return [], "the run timed some of each problem's tests only"
    try:
        with Evaluator(
            Settings(engine=about.engine, toolchain=about.toolchain, isolation=about.isolation)
        ) as evaluator:
            if evaluator.fingerprint["sha256"] != about.fingerprint["sha256"]:
                return [], "this machine measures with another clock than the run's"
            sources = [loaded.split.row(score.pair_id).src_code for score in loaded.run.scores]
            return measure_startup(loaded.run.scores, sources, evaluator), "no best candidate could be measured"
    except SandboxError as error:
        return [], str(error)


def _test(loaded: LoadedRun, pair_id: str, name: str) -> TestCase | None:
    tests = loaded.split.pair(loaded.split.row(pair_id)).tests
    return next((test for test in tests if test.name == name), None)
