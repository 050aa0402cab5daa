"""``pie engine``: get a simulator, and hold it against PIE's clock."""

from __future__ import annotations

import math
import sys
from contextlib import closing

import click
from rich.console import Console
from rich.progress import DownloadColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from sandbox.engines.base import EngineContext
from sandbox.engines.gem5 import Gem5
from sandbox.gem5.known import compare
from sandbox.isolation import make_isolation
from sandbox.toolchain import get_root
from sandbox.toolchain.image import install_image

PUBLISHED_IMAGE = "alexshypula/gem5-skylake:api"
"""The image of PIE's published evaluation."""


@click.group()
def engine() -> None:
    """Engines that this package doesn't bring along."""


@engine.command()
@click.argument("name", type=click.Choice(["gem5"]))
@click.argument("image", default=PUBLISHED_IMAGE)
def pull(name: str, image: str) -> None:
    """Take gem5 from a Docker IMAGE: pull it if it isn't there, and export its files once. Needs Docker only now."""
    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), DownloadColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(image, total=None)
        root = install_image(image, lambda done, what: bar.update(task, completed=done, description=f"{image}: {what}"))
    click.echo(f"{image} is in {root}; use it: PIE_GEM5_IMAGE={image}")


@engine.command()
@click.argument("name", type=click.Choice(["gem5"]))
@click.option("--toolchain", default="paper", show_default=True, help="Root that compiles and runs programs.")
@click.option("--isolation", default="bubblewrap", show_default=True, help="What contains programs.")
def check(name: str, toolchain: str, isolation: str) -> None:
    """Time a handful of small programs and say whether this is PIE's clock. Exits with 1 where it isn't."""
    context = EngineContext(get_root(toolchain), make_isolation(isolation), {})
    with closing(Gem5(context)) as made:
        made.check()
        fingerprint = made.fingerprint()
        click.echo(f"gem5 {fingerprint['gem5']}, {fingerprint['layout']} layout, root {toolchain}")
        comparisons = []
        for one in compare(made, context):
            comparisons.append(one)
            click.echo(f"{one.name:24}{one.ticks:>16,} ticks, PIE's clock {one.known:>14,}, {_percent(one.difference)}")
    worst = max(comparisons, key=lambda one: abs(one.difference))
    if all(one.ticks == one.known for one in comparisons):
        click.echo("this is PIE's clock")
    else:
        click.echo(f"this isn't PIE's clock: up to {_percent(worst.difference)} ({worst.name}); see docs/clocks.md")
        if all(one.ticks == one.expected for one in comparisons):
            click.echo(f"it is that of gem5 {fingerprint['gem5']} as it was measured for that table")
        sys.exit(1)


def _percent(difference: float) -> str:
    return f"{100 * math.expm1(difference):+.2f} %"
