"""``pie data import``: the official files, once, into one local data set."""

from __future__ import annotations

import resource
from collections.abc import Callable
from pathlib import Path

import click

from pie_tasks.cli.progress import byte_bars
from pie_tasks.dataset.imported import import_data
from pie_tasks.dataset.imported.sources import Source
from pie_tasks.dataset.manifest import Manifest


@click.command("import")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--to", "folder", type=click.Path(path_type=Path), required=True, help="Folder of the new data set.")
@click.option("--skip-damaged", is_flag=True, help="Leave damaged rows and tests out instead of stopping.")
def import_(paths: tuple[str, ...], folder: Path, skip_damaged: bool) -> None:
    """Import the official files as downloaded (or folders that hold them, or hub:OWNER/NAME) into one local data set.

    Rows become Parquet; each test's content is kept once, compressed. An import that is killed goes on when the same
    command is given again. Use the result as --data-dir or PIE_DATA_DIR.
    """
    with byte_bars() as progress:

        def on_source(source: Source) -> Callable[[int], None]:
            size = source.path.stat().st_size if source.kind in ("rows", "archive") else None
            task = progress.add_task(source.name, total=size)
            return lambda count: progress.advance(task, count)

        result = import_data(paths, folder, skip_damaged=skip_damaged, on_source=on_source)
    if not result.new:
        click.echo(f"{folder} already holds this import; nothing to do")
    _print(result.manifest)
    click.echo(f"peak memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


def _print(manifest: Manifest) -> None:
    for name, rows in manifest.rows.items():
        click.echo(f"{name}: {rows.pairs} pairs of {rows.problems} problems, from {rows.source}")
    for name, tests in manifest.tests.items():
        click.echo(f"{name}: {tests.tests} tests of {tests.problems} problems (median {tests.median:g})")
    click.echo(
        f"{manifest.contents} distinct inputs and outputs, {manifest.content_bytes / 2**20:.1f} MiB,"
        f" kept in {manifest.stored_bytes / 2**20:.1f} MiB"
    )
    for line in manifest.left_out:
        click.echo(f"left out: {line}")
    for line in manifest.missing:
        click.echo(f"missing: {line}")
