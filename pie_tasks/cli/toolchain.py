"""``pie toolchain``: the roots that compile and run programs."""

from __future__ import annotations

import click

from sandbox.toolchain import TOOLCHAINS, get_root
from sandbox.types import SandboxError


@click.group()
def toolchain() -> None:
    """Toolchain roots: what compiles and runs programs."""


@toolchain.command("list")
def list_roots() -> None:
    """Name every root, and what it is made of where it is installed."""
    for name in TOOLCHAINS.names():
        try:
            identity = get_root(name).identity
        except SandboxError as error:
            click.echo(f"{name}: {error}")
        else:
            click.echo(f"{name}: {', '.join(f'{key} {value}' for key, value in sorted(identity.items()))}")
