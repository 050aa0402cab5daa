"""``pie store``: share what is measured, and look after it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from pie_tasks.cli.choices import split_options
from pie_tasks.options import Options
from sandbox.scheduler import default_store
from sandbox.store import Store
from sandbox.store.transfer import Merged, count, export, merge
from sandbox.store.transfer import check as find_faults
from sandbox.types import SandboxError, sha256

_File = click.Path(path_type=Path, dir_okay=False)


def _store_option(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option("--store", "path", type=_File, help="The store [PIE_STORE, or in the cache folder].")(command)


@click.group()
def store() -> None:
    """Share what is measured, and look after it."""


@store.command("export")
@click.argument("output", type=_File)
@_store_option
@click.option("--sources", is_flag=True, help="Only the programs of a split: a baseline to ship with it.")
@split_options
def export_command(output: Path, path: Path | None, sources: bool, **chosen: Any) -> None:
    """Copy the store into the one compact file OUTPUT."""
    programs = None
    if sources:
        rows = Options.resolve(chosen).load().rows
        programs = {sha256(code.encode()) for row in rows for code in (row.src_code, row.tgt_code)}
    export(Store(_existing(path or default_store())), output, programs)
    click.echo(f"{output}: {_in_words(count(output))}")


@store.command("import")
@click.argument("files", type=_File, nargs=-1, required=True)
@_store_option
@click.option("--keep", is_flag=True, help="Where records differ, keep the store's own.")
def import_command(files: tuple[Path, ...], path: Path | None, keep: bool) -> None:
    """Add the records of the stores FILES to the store."""
    _merge(Store(path or default_store()), files, keep)


@store.command("merge")
@click.argument("into", type=_File)
@click.argument("files", type=_File, nargs=-1, required=True)
@click.option("--keep", is_flag=True, help="Where records differ, keep those of INTO.")
def merge_command(into: Path, files: tuple[Path, ...], keep: bool) -> None:
    """Add the records of the stores FILES to the store INTO, which is made if it doesn't exist."""
    _merge(Store(into), files, keep)


@store.command("check")
@click.argument("path", type=_File, required=False)
def check_command(path: Path | None) -> None:
    """Look whether the store at PATH is sound; exit with 1 if it isn't."""
    path = _existing(path or default_store())
    faults = find_faults(path)
    if not faults:
        click.echo(f"{path} is sound: {_in_words(count(path))}")
    for fault in faults:
        click.echo(f"fault: {fault}")
    sys.exit(1 if faults else 0)


def _merge(into: Store, files: tuple[Path, ...], keep: bool) -> None:
    for file in files:
        merged: Merged = merge(into, _existing(file), keep=keep)
        differing = f"; {merged.differing} records differ and were kept as they were" if merged.differing else ""
        click.echo(f"{file} -> {into.path}: {_in_words(merged.added)} added{differing}")


def _existing(path: Path) -> Path:
    if not path.is_file():
        raise SandboxError(f"there is no store {path}")
    return path


def _in_words(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{number} {table}" for table, number in counts.items())
