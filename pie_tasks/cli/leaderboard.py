"""``pie leaderboard``: a static site from a folder of bundles."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from pie_tasks.dataset import load_split
from sandbox.types import SandboxError
from scorers.report.board import Reference, human_reference, write_board
from scorers.submission import Bundle, check_bundle, open_bundle


@click.group()
def leaderboard() -> None:
    """The leaderboard."""


@leaderboard.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False, exists=True))
@click.option(
    "--output", "-o", type=click.Path(path_type=Path), default=Path("site"), show_default=True, help="The site."
)
@click.option(
    "--data-dir", metavar="DIR", help="Folder of the official files, for the human references [PIE_DATA_DIR]."
)
def build(folder: Path, output: Path, data_dir: str | None) -> None:
    """Build the site from the bundles (*.zip) in FOLDER."""
    bundles = list(_bundles(folder))
    write_board(bundles, list(_references(bundles, data_dir)), output)
    click.echo(f"{output / 'index.html'}: {len(bundles)} bundles")


def _bundles(folder: Path) -> Iterator[Bundle]:
    paths = sorted(folder.glob("**/*.zip"))
    if not paths:
        raise SandboxError(f"{folder} holds no bundles (*.zip)")
    for path in paths:
        bundle = open_bundle(path)
        faults = check_bundle(bundle)
        if faults:
            raise SandboxError(f"{path} doesn't agree with itself: {faults[0]}; pie submit verify tells all")
        yield bundle


def _references(bundles: Sequence[Bundle], data_dir: str | None) -> Iterator[Reference]:
    """Of those splits that are here with the content that the bundles were made on."""
    for name, sha256 in sorted({(bundle.about.split, bundle.about.split_sha256) for bundle in bundles}):
        try:
            split = load_split(name, Path(data_dir) if data_dir else None)
            if split.content_sha256 != sha256:
                raise SandboxError(f"split {name} has another content here")
        except SandboxError as error:
            click.echo(f"no human reference for {name}: {error}", err=True)
            continue
        times = ((row.src_agg_runtime, row.tgt_agg_runtime, row.fastest_agg_runtime) for row in split.rows)
        reference = human_reference(name, sha256, times)
        if reference is None:
            click.echo(f"no human reference for {name}: its rows have no recorded times", err=True)
        else:
            yield reference
