"""``pie submit``: pack a run into a bundle, verify a bundle, export it."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Callable
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click

from pie_tasks.cli.choices import sandbox_options, split_options
from pie_tasks.dataset import Split, load_split
from pie_tasks.progress import show_progress
from pie_tasks.runs import load_run, require_known, split_facts
from sandbox.paths import default_cache
from sandbox.types import SandboxError
from scorers.evaluate import Evaluator, Settings
from scorers.report.board import Verification, write_verification
from scorers.submission import (
    SCHEMA_FILE,
    Bundle,
    BundleError,
    Outcome,
    check_bundle,
    choose,
    open_bundle,
    remeasure,
    write_bundle,
)
from scorers.submission.export import FORMATS, export_bundle

DIFFERS = 1
"""Exit code for a bundle that isn't what it claims."""

TIMES_UNCHECKED = 3
"""Exit code where this machine measures with another clock, so that times can't be checked here."""

_SHOWN = 20


@click.group()
def submit() -> None:
    """Submissions: pack a run, verify a bundle, export it."""


@submit.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--output", "-o", type=click.Path(path_type=Path), help="The bundle's file [MODEL-STRATEGY-bestK.zip].")
@click.option("--model", help="The model's name, where the results name it badly.")
@click.option("--contact", help="Who answers questions.")
@click.option("--training-data", help="What the model was trained on, as far as it concerns the benchmark.")
@click.option("--notes", help="Anything else.")
@click.option("--date", help="When the run was made (ISO 8601), where its files don't say.")
@click.option("--strategy", help="Prompt strategy of plain generations [instruct].")
@click.option("--task", help="Which task of an lm-eval run with several.")
@click.option("--k", type=int, help="Take the first K samples of plain generations.")
@click.option("--partial", is_flag=True, help="Take generations that don't cover the whole split.")
@split_options
@sandbox_options
def pack(run: Path, *, output: Path | None, task: str | None, k: int | None, partial: bool, **chosen: Any) -> None:
    """Pack RUN: an lm-eval output folder, an Inspect .eval log, or generations as JSON lines."""
    given = {name: chosen.pop(name) for name in ("model", "contact", "training_data", "notes", "date")}
    loaded = load_run(run, {**chosen, "k": k}, given, task, partial)
    about = loaded.run.about
    safe = "".join(character if character.isalnum() or character in "-_." else "-" for character in about.model)
    if output is not None and output.suffix != ".zip":
        raise SandboxError(f"a bundle is a ZIP archive; name it {output.stem}.zip instead of {output}")
    path = output or Path(f"{safe}-{about.strategy}-best{about.k}.zip")
    write_bundle(loaded.run, split_facts(loaded.split), path)
    click.echo(f"{path}: {loaded.run.name}, {len(loaded.run.scores)} pairs, bundle {open_bundle(path).sha256[:12]}")


@submit.command()
@click.argument("bundle", type=click.Path(path_type=Path))
@click.option("--sample", default="5%", show_default=True, help="Share of the candidates to measure again.")
@click.option("--all", "everything", is_flag=True, help="Measure all candidates again.")
@click.option("--seed", type=int, help="Of the sample, to repeat a verification [random].")
@click.option("--offline", is_flag=True, help="Compile and run nothing: check the bundle against itself and its split.")
@click.option("--record", is_flag=True, help="Put a verification record beside the bundle, for the leaderboard.")
@click.option("--data-dir", metavar="DIR", help="Folder of the official files [PIE_DATA_DIR].")
@click.option("--isolation", metavar="NAME", default="bubblewrap", help="What contains programs [bubblewrap].")
def verify(
    bundle: Path,
    *,
    sample: str,
    everything: bool,
    seed: int | None,
    offline: bool,
    record: bool,
    data_dir: str | None,
    isolation: str,
) -> None:
    """Check BUNDLE: its hashes, ids, figures, and a sample of its candidates compiled and timed again.

    Exits with 0 where all is equal, 1 where something differs, 3 where this machine's clock can't check the times.
    """
    share = 1.0 if everything else _share(sample)
    if isolation == "none":
        raise SandboxError("a bundle's programs are a stranger's: verify it with an isolation")
    try:
        opened = open_bundle(bundle)
    except BundleError as error:
        _reject(bundle, [str(error)])
    require_known(opened)
    split = load_split(opened.about.split, Path(data_dir) if data_dir else None)
    faults = check_bundle(opened, split_facts(split))
    if faults:
        _reject(bundle, faults)
    click.echo(f"{bundle}: hashes, ids, programs, verdicts and {len(opened.figures)} figures agree")
    if offline:
        return
    chosen = choose(opened, share, secrets.randbits(32) if seed is None else seed)
    about = opened.about
    # Only what this verification itself has measured counts, so it has a store of its own; an interrupted one goes on.
    store = default_cache() / "verifications" / f"{opened.sha256}.sqlite"
    store.parent.mkdir(parents=True, exist_ok=True)
    settings = Settings(engine=about.engine, toolchain=about.toolchain, isolation=isolation, store=store)
    with show_progress(list(chosen.items())) as report, Evaluator(settings, report) as evaluator:
        outcome = remeasure(opened, chosen, _pairs(split), evaluator)
    for part in store.parent.glob(f"{store.name}*"):
        part.unlink()
    if outcome.faults:
        _reject(bundle, list(outcome.faults))
    if not outcome.same_clock:
        _tell_other_clock(outcome)
        sys.exit(TIMES_UNCHECKED)
    total = len(opened.verdicts)
    click.echo(f"{outcome.candidates} of {total} candidates measured again: every digit is equal")
    if record:
        path = write_verification(opened, _record(opened, outcome))
        click.echo(f"recorded in {path}")


@submit.command()
@click.argument("bundle", type=click.Path(path_type=Path))
@click.option("--to", "form", type=click.Choice(sorted(FORMATS)), required=True, help="The form.")
@click.option("--output", "-o", type=click.Path(path_type=Path), required=True, help="The file to write.")
@click.option("--dataset", default="", metavar="OWNER/NAME", help="The data set's id on the hub, for hf.")
@click.option("--data-dir", metavar="DIR", help="Folder of the official files [PIE_DATA_DIR].")
def export(bundle: Path, form: str, output: Path, dataset: str, data_dir: str | None) -> None:
    """Write BUNDLE in another form."""
    opened = open_bundle(bundle)
    faults = check_bundle(opened)
    if faults:
        _reject(bundle, faults)
    require_known(opened)
    split = load_split(opened.about.split, Path(data_dir) if data_dir else None)
    facts = split_facts(split)
    targets = {row.pair_id: row.tgt_code for row in split.rows}
    export_bundle(opened, form, output, facts, targets=targets, dataset_id=dataset)
    click.echo(f"{output}: {form}")


@submit.command()
def schema() -> None:
    """Print the JSON Schema of a bundle."""
    click.echo(SCHEMA_FILE.read_text(encoding="utf-8"), nl=False)


def _pairs(split: Split) -> Callable[[str], Any]:
    return lambda pair_id: split.pair(split.row(pair_id))


def _share(text: str) -> float:
    try:
        share = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        share = 0.0
    if not 0 < share <= 1:
        raise SandboxError(f"--sample must be a share like 5%, not {text!r}")
    return share


def _reject(bundle: Path, faults: list[str]) -> None:
    click.echo(f"{bundle}: rejected, {len(faults)} fault{'s' if len(faults) > 1 else ''}", err=True)
    for fault in faults[:_SHOWN]:
        click.echo(f"- {fault}", err=True)
    if len(faults) > _SHOWN:
        click.echo(f"- and {len(faults) - _SHOWN} more", err=True)
    sys.exit(DIFFERS)


def _tell_other_clock(outcome: Outcome) -> None:
    click.echo("this machine measures with another clock than the bundle's:", err=True)
    for line in outcome.clock:
        click.echo(f"- {line}", err=True)
    click.echo(
        f"{outcome.candidates} candidates compiled and checked here: no verdict of right or wrong differs. Their times "
        f"can't be checked: {outcome.other_binaries} compile to another binary, speedups differ by up to "
        f"{outcome.largest_change:.2f} times. Use the named engine and toolchain root to check the rest.",
        err=True,
    )


def _record(bundle: Bundle, outcome: Outcome) -> Verification:
    now = datetime.now(timezone.utc).isoformat(timespec="seconds")
    return Verification(bundle.sha256, outcome.candidates, len(bundle.verdicts), now, version("pie-tasks"))
