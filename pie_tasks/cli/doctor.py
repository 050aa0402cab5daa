"""``pie doctor``: what works on this machine, and what to do about the rest."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from importlib.metadata import PackageNotFoundError, entry_points, version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click

from pie_tasks.dataset import DATASETS, load_split
from sandbox.engines import ENGINES, make_engine
from sandbox.engines.base import EngineContext
from sandbox.isolation import ISOLATIONS, make_isolation
from sandbox.registry import Registry
from sandbox.scratch import scratch_folder
from sandbox.toolchain import TOOLCHAINS, compile_source, get_root
from sandbox.types import Limits, SandboxError
from scorers.evaluate import Settings

DEFAULT = Settings()
DEFAULT_SPLIT = "pie_mini"
HELLO = "#include <iostream>\nint main() { std::cout << 1 << std::endl; }\n"


@dataclass(frozen=True)
class Finding:
    """One line of the report.

    Attributes:
        part: What was looked at.
        needed: Whether the benchmark's default run needs it.
        works: Whether it works here.
        text: What was found, or what to do.
    """

    part: str
    needed: bool
    works: bool
    text: str


@click.command()
def doctor() -> None:
    """Say what works here, one line each with the remedy. Exits with 1 where the default run can't work."""
    findings = list(examine())
    width = max(len(finding.part) for finding in findings)
    for finding in findings:
        mark = "ok" if finding.works else "MISSING" if finding.needed else "-"
        click.echo(f"{mark:8}{finding.part:{width}}  {finding.text}")
    sys.exit(0 if all(finding.works for finding in findings if finding.needed) else 1)


def examine() -> Iterator[Finding]:
    """Look at everything that a run can be made of, the default run's part of each kind first."""
    for name in _names(ISOLATIONS, DEFAULT.isolation, make_isolation):
        yield _look("isolation", name, DEFAULT.isolation, partial(_isolation, name))
    for name in _names(TOOLCHAINS, DEFAULT.toolchain, get_root):
        yield _look("toolchain", name, DEFAULT.toolchain, partial(_toolchain, name))
    for name in _names(ENGINES, DEFAULT.engine, _open_engine):
        yield _look("engine", name, DEFAULT.engine, partial(_engine, name))
    for name in _names(DATASETS, DEFAULT_SPLIT, DATASETS.get):
        yield _look("split", name, DEFAULT_SPLIT, partial(_split, name))
    yield _look("framework", "lm-eval", "lm-eval", _lm_eval)
    yield _look("framework", "inspect-ai", "inspect-ai", _inspect)


def _look(kind: str, name: str, needed: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(f"{kind} {name}", name == needed, True, look())
    except SandboxError as error:
        return Finding(f"{kind} {name}", name == needed, False, str(error))


def _names(registry: Registry[Any], default: str, load: Callable[[str], object]) -> list[str]:
    """All names of a registry, the default first. Loading the default fills a registry that is filled when used."""
    with suppress(SandboxError):
        load(default)
    return [default, *(name for name in registry.names() if name != default)]


def _isolation(name: str) -> str:
    isolation = make_isolation(name)
    isolation.check()
    return "works"


def _toolchain(name: str) -> str:
    root = get_root(name)
    with TemporaryDirectory(prefix="doctor-", dir=scratch_folder()) as folder:
        result = compile_source(HELLO, root, make_isolation(DEFAULT.isolation), Limits(), Path(folder) / "hello")
    if not result.ok:
        raise SandboxError(f"{root.compiler} can't compile a trivial program: {result.message}")
    return root.identity["compiler"]


def _engine(name: str) -> str:
    _open_engine(name)
    return "works"


def _open_engine(name: str) -> None:
    context = EngineContext(get_root(DEFAULT.toolchain), make_isolation(DEFAULT.isolation), {})
    make_engine(name, context).check()


def _split(name: str) -> str:
    split = load_split(name)
    return f"{len(split.rows)} pairs of {len({row.problem_id for row in split.rows})} problems"


def _lm_eval() -> str:
    found = _version("lm-eval")
    if "pie_tasks_startup" not in sys.modules:
        return (
            f"{found}; no start-up shim in this Python, so pass --include_path {Path(__file__).parents[1] / 'lm_eval'}"
        )
    return found


def _inspect() -> str:
    found = _version("inspect-ai")
    if not any(entry.name == "pie_tasks" for entry in entry_points(group="inspect_ai")):
        raise SandboxError(f"{found} doesn't know our tasks: pip install this distribution in the same environment")
    return found


def _version(distribution: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:
        raise SandboxError(f"not installed: pip install {distribution}") from None
