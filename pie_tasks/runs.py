"""A run from whatever a user points at: a bundle, a framework's results, or plain generations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pie_tasks.cli.score import pairs_to_score, samples_each
from pie_tasks.dataset import DATASETS, Split, load_split
from pie_tasks.generations import read_generations
from pie_tasks.options import Options
from pie_tasks.progress import show_progress
from sandbox.types import SandboxError
from scorers.evaluate import Evaluator
from scorers.submission import About, Bundle, Run, SplitFacts, check_bundle, make_run, open_bundle

if TYPE_CHECKING:
    from scorers.submission.readers import RawRun


@dataclass(frozen=True)
class LoadedRun:
    """A run with its split."""

    run: Run
    split: Split


def load_run(
    path: Path, chosen: Mapping[str, Any], given: Mapping[str, Any], task: str | None = None, partial: bool = False
) -> LoadedRun:
    """The run at ``path``.

    Args:
        path: A bundle (``.zip``), an Inspect log (``.eval``), lm-eval's output folder or results file, or generations
            (``.jsonl``), which are scored now.
        chosen: The user's options. Generations need them; for the others only ``data_dir`` counts.
        given: Fields of the run's description that the user adds or corrects.
        task: Which task of an lm-eval run.
        partial: Take generations that don't cover the whole split.

    Raises:
        SandboxError: It can't be read, or its split isn't here as it was.
    """
    if not path.exists():
        raise SandboxError(f"{path} doesn't exist")
    given = {name: value for name, value in given.items() if value is not None}
    if path.suffix == ".zip":
        bundle = open_bundle(path)
        require_known(bundle)
        split = _split(bundle.about, chosen)
        require_sound(path, bundle, split_facts(split))
        run = bundle.run(split_facts(split).sources)
        return LoadedRun(replace(run, about=replace(run.about, **given)), split)
    if path.suffix == ".jsonl":
        return _score(path, chosen, given, partial)
    raw = _read(path, task)
    split = _split(raw.about, chosen)
    return LoadedRun(raw.run([row.pair_id for row in split.rows], given), split)


def require_known(bundle: Bundle) -> None:
    """A bundle is a stranger's: what it names must not have this machine download or read something of their choice.

    Raises:
        SandboxError: Its split or its toolchain root is none of this package's.
    """
    from sandbox.toolchain import TOOLCHAINS, host, paper  # noqa: F401  (they register themselves)

    try:
        DATASETS.get(bundle.about.split)
        TOOLCHAINS.get(bundle.about.toolchain)
    except SandboxError as error:
        raise SandboxError(f"the bundle is for none of this package's: {error}") from None


def require_sound(path: Path, bundle: Bundle, split: SplitFacts | None = None) -> None:
    """Hold the bundle at ``path`` against itself, and against its split where that is given.

    Raises:
        SandboxError: They don't agree.
    """
    if faults := check_bundle(bundle, split):
        raise SandboxError(f"{path} doesn't agree with itself: {faults[0]}; pie submit verify tells all")


def split_facts(split: Split) -> SplitFacts:
    """What checking a bundle needs of a split."""
    return SplitFacts(
        split.name,
        split.content_sha256,
        {row.pair_id: row.problem_id for row in split.rows},
        {row.pair_id: row.src_code for row in split.rows},
    )


def _read(path: Path, task: str | None) -> RawRun:
    from scorers.submission.readers import read_inspect, read_lm_eval  # Inspect takes seconds to import

    if path.is_dir() and not any(path.glob("**/results_*.json")):
        logs = sorted(path.glob("*.eval"))
        if not logs:
            raise SandboxError(f"{path} holds neither results_*.json of lm-eval nor .eval logs of Inspect")
        path = logs[-1]
    if path.is_dir() or path.name.startswith("results_"):
        return read_lm_eval(path, task)
    if path.suffix in (".eval", ".json"):
        return read_inspect(path)
    raise SandboxError(f"{path} is no run: give a .zip bundle, .eval log, lm-eval folder or .jsonl generations")


def _split(about: About, chosen: Mapping[str, Any]) -> Split:
    data_dir = chosen.get("data_dir")
    split = load_split(about.split, Path(data_dir) if data_dir else None)
    if split.content_sha256 != about.split_sha256:
        raise SandboxError(
            f"the run was made on another content of split {about.split} ({about.split_sha256[:12]}) than is here "
            f"({split.content_sha256[:12]})"
        )
    return split


def _score(path: Path, chosen: Mapping[str, Any], given: Mapping[str, Any], partial: bool) -> LoadedRun:
    recorded = read_generations(path)
    k = chosen.get("k")
    options = Options.resolve({**chosen, "k": samples_each(recorded) if k is None else k})
    split = options.load_scored()
    pairs = pairs_to_score(split, recorded, options.k, partial)
    items = [(split.pair(split.row(pair_id)), recorded[pair_id][: options.k]) for pair_id in pairs]
    with show_progress(items) as report, Evaluator(options.settings(), report) as evaluator:
        scores = evaluator.evaluate(items)
        fingerprint = evaluator.fingerprint
    about = About(
        model=path.stem,
        split=split.name,
        split_sha256=split.content_sha256,
        strategy=options.strategy,
        k=options.k,
        fingerprint=fingerprint,
        engine=options.engine,
        toolchain=options.toolchain,
        isolation=options.isolation,
        packages={"pie-tasks": version("pie-tasks")},
    )
    order = [row.pair_id for row in split.rows]
    return LoadedRun(make_run(replace(about, **given), scores, [texts for _, texts in items], order), split)
