"""``pie toolchain``: the roots that compile and run programs."""

from __future__ import annotations

import click

from sandbox.toolchain import TOOLCHAINS, fingerprint, get_root
from sandbox.types import SandboxError
from scorers.evaluate import DEFAULT_TOOLCHAIN


@click.group()
def toolchain() -> None:
    """Toolchain roots: what compiles and runs programs."""


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
    get_root(DEFAULT_TOOLCHAIN)  # roots register themselves when the first one is asked for
    for name in TOOLCHAINS.names():
        try:
            click.echo(f"{name}: {get_root(name).identity['compiler']}")
        except SandboxError as error:
            click.echo(f"{name}: {error}")
