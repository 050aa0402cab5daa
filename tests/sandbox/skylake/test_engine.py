"""The engine skylake on the host's compiler: real QEMU, real containment."""

from __future__ import annotations

import os
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from sandbox.engines.base import EngineContext
from sandbox.engines.skylake import Skylake
from sandbox.isolation import make_isolation
from sandbox.skylake import build as building
from sandbox.toolchain import get_root
from sandbox.types import Ending, Limits, Run, SandboxError
from tests.sandbox.compiled import Compile, compile_into
from tests.sandbox.engines import programs as common
from tests.sandbox.skylake import programs

LIMITS = Limits(ticks=20_000_000_000)
SHORT = Limits(ticks=1_000_000_000)
INPUTS = (b"5\n6\n", b"6\n7\n8\n")


@pytest.fixture(scope="module")
def context() -> EngineContext:
    return EngineContext(get_root("host"), make_isolation("bubblewrap"), {"audit": "0"})


@pytest.fixture(scope="module")
def engine(context: EngineContext) -> Skylake:
    made = Skylake(context)
    try:
        made.check()
    except SandboxError as error:
        pytest.skip(str(error))
    return made


@pytest.fixture(scope="module")
def compiled(context: EngineContext, tmp_path_factory: pytest.TempPathFactory) -> Compile:
    folder = tmp_path_factory.mktemp("programs")
    for part in (folder, *folder.parents):
        if part.stat().st_uid == os.geteuid() and part != Path("/"):
            part.chmod(part.stat().st_mode | 0o055)
    return compile_into(folder, context.root, context.isolation)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (programs.AVX2, (b"25 36 49 64 81 100 121 144 18 0\n", b"36 49 64 81 100 121 144 169 19 0\n")),
        (programs.LONG_DOUBLE, (b"1.66666666666666666663\n", b"2.00000000000000000000\n")),
        (programs.REPEAT, (b"35000 94999\n", b"42000 93999\n")),
        (programs.SELF_MODIFYING, (b"4950\n",) * 2),
        (programs.THREAD, (b"11\n",) * 2),
        (programs.SELF_EXEC, (b"1\n",) * 2),
        (programs.FORK, (b"-1 32512\n",) * 2),
        (programs.OPEN_BEFORE, (b"5 ", b"6 ")),
        (common.MAPPED_INPUT, (b"2 4\n", b"3 6\n")),
        (programs.DEVICE_INPUT, (b"5 5\n", b"6 6\n")),
        (common.SEEK, (b"2 5 4\n", b"2 6 6\n")),
        (common.NO_INPUT, (b"42\n",) * 2),
        (programs.PEEK, (b"0 0 0\n",) * 2),
    ],
)
def test_output_and_equality_with_a_run_alone(
    engine: Skylake, compiled: Compile, source: str, expected: tuple[bytes, bytes]
) -> None:
    program = compiled(source)
    shared = list(engine.run(program, INPUTS, LIMITS))
    alone = [engine._run_alone(program, data, LIMITS) for data in INPUTS]
    for run, prefix in zip(shared, expected, strict=True):
        assert (run.ending, run.code) == (Ending.EXITED, 0)
        assert run.stdout.startswith(prefix)
    assert shared == alone


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (programs.ABORT, (Ending.SIGNALLED, 6, b"7\n")),
        (programs.HANDLED, (Ending.EXITED, 3, b"got 8\n")),
        (programs.NULL_READ, (Ending.SIGNALLED, 11, b"7\n")),
        (programs.DIVIDE_BY_ZERO, (Ending.SIGNALLED, 8, b"")),
        (programs.STATIC_CRASH, (Ending.SIGNALLED, 11, b"")),
        (programs.ENDLESS, (Ending.TIME_LIMIT, 0, b"")),
        (programs.BLOCKED, (Ending.BLOCKED, 0, b"")),
        (programs.MEMORY, (Ending.MEMORY_LIMIT, 0, b"")),
        (programs.SCAN, (Ending.SIGNALLED, 11, b"")),
        (programs.MAP_OVER, (Ending.SIGNALLED, 11, b"")),
        (programs.UNMAP_ALL, (Ending.SIGNALLED, 11, b"")),
        (programs.KILL_OTHERS, (Ending.SIGNALLED, 11, b"")),
    ],
)
def test_ending(engine: Skylake, compiled: Compile, source: str, expected: tuple[Ending, int, bytes]) -> None:
    (run,) = engine.run(compiled(source), INPUTS[:1], SHORT)
    assert (run.ending, run.code, run.stdout) == expected


def test_output_limit(engine: Skylake, compiled: Compile) -> None:
    (run,) = engine.run(compiled(programs.OUTPUT), INPUTS[:1], Limits(output_bytes=100_000))
    assert (run.ending, run.stdout) == (Ending.OUTPUT_LIMIT, b"a" * 100_000)


def test_output_before_the_input_belongs_to_every_test(engine: Skylake, compiled: Compile) -> None:
    runs = list(engine.run(compiled(programs.PROMPT), INPUTS, LIMITS))
    assert [(run.code, run.stdout) for run in runs] == [(5, b"early prompt 5\n"), (6, b"early prompt 6\n")]


def test_nothing_of_the_machine_shows(
    engine: Skylake, compiled: Compile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = compiled(programs.MACHINE)
    monkeypatch.setenv("LANG", "x" * 1000)
    monkeypatch.chdir(tmp_path)
    with ThreadPoolExecutor(4) as pool:
        runs = list(pool.map(lambda _: next(iter(engine.run(program, [b""], LIMITS))), range(8)))
    assert len({(run.ticks, run.instructions, run.stdout) for run in runs}) == 1
    assert runs[0].stdout.split()[2] == b"100"


def test_mispredicted_paths_are_followed_in_containment(engine: Skylake, compiled: Compile) -> None:
    (run,) = engine.run(compiled(programs.PROMPT), INPUTS[:1], LIMITS)
    assert run.detail["mispredicts"] > 1000
    assert run.detail["squashed"] > 20 * run.detail["mispredicts"]


def test_a_repeat_instruction_counts_once(engine: Skylake, compiled: Compile) -> None:
    few, many = engine.run(compiled(programs.REPEAT), [b"5", b"9"], LIMITS)
    assert few.instructions is not None and many.instructions is not None
    assert abs(few.instructions - many.instructions) < 100  # the numbers printed differ
    assert few.ticks is not None and many.ticks is not None and few.ticks < many.ticks


def test_closing_the_iterator_ends_the_program(engine: Skylake, compiled: Compile) -> None:
    program = compiled(programs.ENDLESS)
    runs = engine.run(program, INPUTS, SHORT)
    next(iter(runs))
    runs.close()  # type: ignore[attr-defined]
    # bubblewrap's first process in the container may end a moment after the one that is waited for
    deadline = time.monotonic() + 5
    while _is_running(program) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not _is_running(program)


def test_an_audit_notices_a_difference(
    engine: Skylake,
    context: EngineContext,
    compiled: Compile,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    program = compiled(common.NO_INPUT)
    strict = Skylake(EngineContext(context.root, context.isolation, {"audit": "1"}))
    built = strict._built()
    monkeypatch.setattr(strict, "_built", lambda: built)
    assert len(list(strict.run(program, INPUTS, LIMITS))) == len(INPUTS)
    monkeypatch.setattr(strict, "_run_alone", lambda *_: Run(Ending.EXITED, 0, b"other"))
    monkeypatch.setattr(strict, "_cache", tmp_path)
    with pytest.raises(SandboxError, match="alone"):
        list(strict.run(program, INPUTS, LIMITS))
    assert [kept.read_bytes() for kept in (tmp_path / "audit").iterdir()] == [program.read_bytes()]


def test_what_the_model_remembers_changes_nothing(engine: Skylake, context: EngineContext, compiled: Compile) -> None:
    forgetful = Skylake(EngineContext(context.root, context.isolation, {"audit": "0", "memo": "0"}))
    for source in (common.SORTED, common.EXCEPTIONS, programs.REPEAT, programs.LONG_DOUBLE):
        program = compiled(source)
        assert list(forgetful.run(program, INPUTS, LIMITS)) == list(engine.run(program, INPUTS, LIMITS))


def test_an_unknown_option_is_refused(context: EngineContext) -> None:
    with pytest.raises(SandboxError, match="speed"):
        Skylake(EngineContext(context.root, context.isolation, {"speed": "high"}))


@pytest.mark.parametrize(("missing", "package"), [("qemu-x86_64", "qemu-user"), ("g++", "g\\+\\+")])
def test_a_missing_package_is_named(
    missing: str, package: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    which = shutil.which
    monkeypatch.setattr(building.shutil, "which", lambda name: None if name == missing else which(name))
    with pytest.raises(SandboxError, match=f"apt install {package}"):
        building.build(tmp_path)


def _is_running(program: Path) -> bool:
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):  # it has ended
            if str(program).encode() in path.read_bytes():
                return True
    return False
