"""``pie toolchain``: the roots that compile and run programs."""

from __future__ import annotations

import click
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn

from sandbox.scheduler import DEFAULT_TOOLCHAIN
from sandbox.toolchain import TOOLCHAINS, fingerprint, get_root
from sandbox.types import SandboxError


@click.group()
def toolchain() -> None:
    """Toolchain roots: what compiles and runs programs."""


@toolchain.command()
@click.argument("name", type=click.Choice(["paper"]), default="paper")
def install(name: str) -> None:
    """Install root NAME for this user: download its pinned packages, unpack them, check every byte.

    Needs no root's rights and about 250 MB. An interrupted download goes on where it was. PIE_DEBIAN_MIRROR is the
    mirror to use instead of Debian's, PIE_TOOLCHAINS_DIR the folder to install in.
    """
    from sandbox.toolchain.paper import install_paper

    console = Console(stderr=True)
    columns = (TextColumn("[bold]{task.description}[/bold]"), BarColumn(), DownloadColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("packages")
        root = install_paper(lambda done, total, package: bar.update(task, completed=done, total=total))
    click.echo(f"{name}: {root.identity['compiler']} in {root.path}")


@toolchain.command()
@click.argument("name", default=DEFAULT_TOOLCHAIN)
def check(name: str) -> None:
    """Print what root NAME is made of and its fingerprint; equal fingerprints mean equal binaries."""
    root = get_root(name)
    click.echo(f"{root.compiler} {' '.join(root.flags)}")
    for part, identity in sorted(root.identity.items()):
        click.echo(f"{part}: {identity}")
    click.echo(f"fingerprint {fingerprint(root)}")


@toolchain.command("list")
def list_roots() -> None:
    """Name every root, with its compiler where it is installed."""
    get_root("host")  # roots register themselves when the first one is asked for
    for name in TOOLCHAINS.names():
        try:
            click.echo(f"{name}: {get_root(name).identity['compiler']}")
        except SandboxError as error:
            click.echo(f"{name}: {error}")
