"""``pie data``: look at a data set before a long run."""

from __future__ import annotations

import sys
from typing import Any

import click

from pie_tasks.cli.choices import split_options
from pie_tasks.dataset import report_split
from pie_tasks.options import Options


@click.group()
def data() -> None:
    """Look at a data set."""


@data.command()
@split_options
def check(**chosen: Any) -> None:
    """Read every row and every test of a split; exit with 1 where something would spoil a run."""
    report = report_split(Options.resolve(chosen).load())
    tests = f"{report.tests[0]} to {report.tests[1]} tests each" if report.tests else "not all tests are there"
    click.echo(f"{report.name}: {report.pairs} pairs of {report.problems} problems, {tests}")
    if report.content_sha256:
        click.echo(f"sha256 {report.content_sha256}")
    for fault in report.faults:
        click.echo(f"fault: {fault}")
    sys.exit(1 if report.faults else 0)
