"""What every engine must do alike. An engine that can't work here skips, with its own words as the reason."""

from __future__ import annotations

import functools
import math
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

import sandbox
from sandbox.engines import Engine, EngineContext, make_engine
from sandbox.engines.native import Native
from sandbox.environment import Environment
from sandbox.isolation import make_isolation
from sandbox.toolchain import get_root
from sandbox.types import Ending, Limits, Run, SandboxError, Status, TestCase
from tests.leftovers import children
from tests.sandbox.compiled import Compile, compile_into
from tests.sandbox.engines import programs

ENGINES = ("native", "cachegrind", "skylake", "gem5")
CLOCKS = ENGINES[1:]
LIMITS = Limits(ticks=20_000_000_000, cpu_seconds=2)
INPUTS = (b"2\n", b"3\n3\n")

PRINTED: dict[str, tuple[bytes, bytes]] = {
    "ECHO": (b"4\n", b"6\n6\n"),
    "PROMPT": (b"early prompt 2\n", b"early prompt 3\n"),
    "STATIC_READ": (b"3\n", b"4\n"),
    "UNSYNCED": (b"2\n", b"3\n"),
    "MAPPED_INPUT": (b"1 2\n", b"2 4\n"),
    "SEEK": (b"2 2 2\n", b"2 3 4\n"),
    "NO_INPUT": (b"42\n",) * 2,
    "EXCEPTIONS": (b"2\n", b"far\n"),
    "DEEP": (b"40000\n", b"60000\n"),
    "WIDE": (b"682\n", b"1024\n"),
    "ZEROED": (b"1 0\n",) * 2,
    "SORTED": (b"20739 16756642 50\n", b"51935 16767461 49\n"),
}
"""Program -> what it prints for each of ``INPUTS``; the reference is the machine itself (``native``)."""

REFUSED = {("gem5", "ZEROED"), ("gem5", "SORTED")}
"""Programs that an engine may be unable to run if it says so: gem5 v20.1's processor gets stuck above 100 MB of memory,
and on some programs with an ``unordered_map``."""

VERDICTS: dict[str, Status | tuple[Status, ...]] = {
    "STATUS": Status.RUNTIME_ERROR,
    "ABORT": Status.RUNTIME_ERROR,
    "NULL_READ": Status.RUNTIME_ERROR,
    "UNSTOPPABLE": Status.TIME_LIMIT,
    "ASLEEP": Status.TIME_LIMIT,
    # a program that is refused memory may react before it is found out
    "HUNGRY": (Status.MEMORY_LIMIT, Status.RUNTIME_ERROR),
    "FLOOD": Status.OUTPUT_LIMIT,
    "WRONG": Status.WRONG_ANSWER,
    "BROKEN": Status.COMPILE_ERROR,
}


def _root(name: str) -> str:
    """The toolchain root to test an engine in: gem5 of PIE's day can't run the programs of a libc of today."""
    if name == "gem5":
        with suppress(SandboxError):
            return get_root("paper").name
    return "host"


def _engine(name: str) -> Engine:
    try:
        context = EngineContext(get_root(_root(name)), make_isolation("bubblewrap"), {})
        made = Native(context) if name == "native" else make_engine(name, context)
        made.check()
    except SandboxError as error:
        pytest.skip(str(error))
    return made


@pytest.fixture(scope="module", params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Engine:
    return _engine(request.param)


@pytest.fixture(scope="module", params=CLOCKS)
def clock(request: pytest.FixtureRequest) -> Engine:
    return _engine(request.param)


@pytest.fixture(scope="module")
def compilers(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Compile]:
    """Toolchain root -> its compiler."""

    @functools.cache
    def compiler(root: str) -> Compile:
        folder = tmp_path_factory.mktemp(f"programs-{root}")
        folder.chmod(0o755)
        return compile_into(folder, get_root(root), make_isolation("bubblewrap"))

    return compiler


@pytest.fixture
def compiled(request: pytest.FixtureRequest, compilers: Callable[[str], Compile]) -> Compile:
    """The compiler of the tested engine's root."""
    parameters = request.node.callspec.params
    return compilers(_root(parameters.get("engine") or parameters["clock"]))


@pytest.mark.parametrize("name", PRINTED)
def test_programs_print_what_they_print_natively(engine: Engine, compiled: Compile, name: str) -> None:
    runs = list(engine.run(compiled(getattr(programs, name)), INPUTS, LIMITS))
    if (engine.name, name) in REFUSED and runs[0].ending is not Ending.EXITED:
        assert all(run.ticks is None and run.ending is not Ending.EXITED for run in runs)
        return
    assert [(run.ending, run.code, run.stdout) for run in runs] == [
        (Ending.EXITED, 0, printed) for printed in PRINTED[name]
    ]


@pytest.mark.parametrize("name", ["ECHO", "MAPPED_INPUT", "SEEK", "NO_INPUT", "PROMPT"])
def test_many_inputs_are_as_one_process_each(clock: Engine, compiled: Compile, name: str) -> None:
    together = list(clock.run(compiled(getattr(programs, name)), INPUTS, LIMITS))
    alone = [run for data in INPUTS for run in clock.run(compiled(getattr(programs, name)), (data,), LIMITS)]
    backwards = list(clock.run(compiled(getattr(programs, name)), INPUTS[::-1], LIMITS))[::-1]
    assert [_measured(run) for run in together] == [_measured(run) for run in alone]
    assert [_measured(run) for run in together] == [_measured(run) for run in backwards]
    assert all(run.ticks for run in together)


def test_time_follows_the_work(clock: Engine, compiled: Compile) -> None:
    few, more, most = (
        run.ticks or 0 for run in clock.run(compiled(programs.LOOP), (b"10", b"40000", b"80000"), LIMITS)
    )
    assert 0 < few < more < most
    assert 0.8 < (most - more) / (more - few) < 1.25


def test_the_hosts_environment_does_not_matter(
    clock: Engine, compiled: Compile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ticks() -> list[tuple[object, ...]]:
        return [_measured(run) for run in _engine(clock.name).run(compiled(programs.SORTED), INPUTS, LIMITS)]

    before = ticks()
    monkeypatch.setenv("SOMETHING", "x" * 5000)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("LANG", "C")
    monkeypatch.chdir(tmp_path)
    old = os.umask(0o077)
    try:
        assert ticks() == before
    finally:
        os.umask(old)


def test_a_fingerprint_is_text_and_stays(engine: Engine) -> None:
    fingerprint = engine.fingerprint()
    assert fingerprint["engine"] == engine.name
    assert all(isinstance(value, str) and value for value in fingerprint.values())
    assert fingerprint == _engine(engine.name).fingerprint()


def test_closing_early_ends_what_is_under_way(engine: Engine, compiled: Compile) -> None:
    before = children()
    runs = engine.run(compiled(programs.ECHO), (b"1\n",) * 50, LIMITS)
    assert next(iter(runs)).stdout == b"2\n"
    runs.close()  # type: ignore[attr-defined]
    assert children() <= before


def test_unknown_options_are_refused() -> None:
    for name in CLOCKS:
        with pytest.raises(SandboxError, match="colour"):
            context = EngineContext(get_root("host"), make_isolation("bubblewrap"), {"colour": "red"})
            make_engine(name, context).check()


@pytest.fixture(scope="module")
def judge(clock: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Environment]:
    """The whole way from a program to its verdict, on the clock's own store."""
    folder = tmp_path_factory.mktemp(clock.name)
    problems = {"double": [TestCase("0", b"42\n", b"84\n")]}
    limits = Limits(ticks=2_000_000_000, cpu_seconds=2)
    with sandbox.make(
        engine=clock.name,
        toolchain=_root(clock.name),
        workers=2,
        problems=problems,
        limits=limits,
        store=folder / "store.sqlite",
        cache=folder / "cache",
    ) as environment:
        yield environment


@pytest.mark.parametrize("name", VERDICTS)
def test_every_bad_end_has_its_verdict(judge: Environment, name: str) -> None:
    verdict = judge.submit(getattr(programs, name), "double")
    expected = VERDICTS[name]
    assert verdict.status in (expected if isinstance(expected, tuple) else (expected,)), verdict
    assert not verdict.correct and verdict.seconds == math.inf


def test_a_right_answer_has_a_time(judge: Environment) -> None:
    verdict = judge.submit(programs.ECHO, "double")
    assert verdict.status is Status.ACCEPTED
    assert verdict.seconds and 0 < verdict.seconds < 0.01


def _measured(run: Run) -> tuple[object, ...]:
    return run.ending, run.code, run.stdout, run.ticks, run.instructions
