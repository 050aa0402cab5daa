"""``pie leaderboard``: a static site from a folder of bundles."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from pie_tasks.dataset import Split, load_split
from pie_tasks.progress import show_progress
from pie_tasks.runs import require_known, require_sound
from sandbox.types import SandboxError
from scorers.evaluate import Evaluator, Settings
from scorers.figures import HEADLINE
from scorers.report.board import Reference, human_reference, write_board
from scorers.submission import About, Bundle, open_bundle


@click.group()
def leaderboard() -> None:
    """The leaderboard."""


@leaderboard.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False, exists=True))
@click.option(
    "--output", "-o", type=click.Path(path_type=Path), default=Path("site"), show_default=True, help="The site."
)
@click.option(
    "--measure", is_flag=True, help="Time the human references with the bundles' clocks too, where they are here."
)
@click.option(
    "--data-dir", metavar="DIR", help="Folder of the official files, for the human references [PIE_DATA_DIR]."
)
def build(folder: Path, output: Path, measure: bool, data_dir: str | None) -> None:
    """Build the site from the bundles (*.zip) in FOLDER."""
    bundles = list(_bundles(folder))
    write_board(bundles, list(_references(bundles, data_dir, measure)), output)
    click.echo(f"{output / 'index.html'}: {len(bundles)} bundles")


def _bundles(folder: Path) -> Iterator[Bundle]:
    paths = sorted(folder.glob("**/*.zip"))
    if not paths:
        raise SandboxError(f"{folder} holds no bundles (*.zip)")
    for path in paths:
        bundle = open_bundle(path)
        require_known(bundle)
        require_sound(path, bundle)
        yield bundle


def _references(bundles: Sequence[Bundle], data_dir: str | None, measure: bool) -> Iterator[Reference]:
    """Of those splits that are here with the content that the bundles were made on."""
    clocks = {(one.split, one.split_sha256, one.fingerprint["sha256"]): one for one in (b.about for b in bundles)}
    splits: dict[tuple[str, str], Split] = {}
    for name, sha256 in sorted({key[:2] for key in clocks}):
        try:
            split = load_split(name, Path(data_dir) if data_dir else None)
            if split.content_sha256 != sha256:
                raise SandboxError(f"split {name} has another content here")
        except SandboxError as error:
            click.echo(f"no human reference for {name}: {error}", err=True)
            continue
        splits[name, sha256] = split
        times = ((row.src_agg_runtime, row.tgt_agg_runtime, row.fastest_agg_runtime) for row in split.rows)
        recorded = human_reference(name, sha256, times)
        if recorded:
            yield recorded
        elif not measure:
            click.echo(f"no human reference for {name}: its rows record no times; --measure takes them", err=True)
    for (name, sha256, _), about in clocks.items():
        if measure and (name, sha256) in splits:
            yield from _measured(splits[name, sha256], about)


def _measured(split: Split, about: About) -> Iterator[Reference]:
    """The split's own faster programs under a bundle's clock, if this machine has it."""
    items = [(split.pair(row), [f"```cpp\n{row.tgt_code}\n```"]) for row in split.rows]
    settings = Settings(engine=about.engine, toolchain=about.toolchain)
    with show_progress(items) as report, Evaluator(settings, report) as evaluator:
        clock = evaluator.fingerprint["sha256"]
        if clock != about.fingerprint["sha256"]:
            click.echo(f"no human reference by {about.clock}: the clock here is another", err=True)
            return
        scores = evaluator.evaluate(items)
    fastest: dict[str, int] = {}
    for score in scores:
        ticks = score.candidates[0].verdicts[HEADLINE].ticks
        if ticks is not None:
            fastest[score.problem_id] = min(ticks, fastest.get(score.problem_id, ticks))
    times = [
        (
            score.source[HEADLINE].ticks,
            score.candidates[0].verdicts[HEADLINE].ticks,
            fastest.get(score.problem_id),
        )
        for score in scores
    ]
    reference = human_reference(split.name, split.content_sha256, times, engine=about.clock, clock_sha256=clock)
    if reference:
        yield reference
    else:
        click.echo(f"no human reference by {about.clock}: a faster program of {split.name} has no time", err=True)
