"""What a worker does with one unit: compile a program, or run one program's missing tests. Runs in any process."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from sandbox.engines.base import Engine
from sandbox.judge import given_up, next_need
from sandbox.scheduler.config import Bench, SandboxConfig, open_bench
from sandbox.scheduler.records import Records
from sandbox.scratch import scratch_folder
from sandbox.store.sqlite import Build
from sandbox.toolchain import compile_source
from sandbox.types import Ending, Limits, Run, SandboxError, TestCase

SLICE_SECONDS = 60.0
"""A unit that takes longer is given back between two tests; idle workers then share what is left of it. While others wait
no worker idles, and units may take several slices: an engine that has a program at its first look loses that when others
come between."""

MOST_SLICES = 10.0
"""How many slices a unit may take at most, so that its progress is seen."""

LEAST_FREE_BYTES = 64 << 20
"""With less free space for temporary files nothing that fails is believed."""


class OtherClock(SandboxError):
    """A worker's engine, compiler or libraries differ from the harness's."""


@dataclass(frozen=True)
class CompileUnit:
    """One distinct source to compile."""

    source: str
    source_sha256: str
    limits: Limits


@dataclass(frozen=True)
class RunUnit:
    """One distinct binary with the tests of its problem; what is missing of them is run.

    Attributes:
        source: The program, for workers that have no binary of it.
        binary_sha256: Its binary.
        tests: The tests, or the name under which the harness serves them.
        limits: What it may use.
        part: Which share of the missing runs is this unit's, from 0 to ``parts`` - 1.
        parts: Among how many units they are shared.
        slices: How many times ``SLICE_SECONDS`` it may take.
    """

    source: str
    binary_sha256: str
    tests: tuple[TestCase, ...] | str
    limits: Limits
    part: int = 0
    parts: int = 1
    slices: float = 1.0


Unit = CompileUnit | RunUnit


@dataclass(frozen=True)
class Done:
    """What a unit did: simulated and native runs, whether it compiled, and its wall-clock seconds."""

    native_runs: int = 0
    timed_runs: int = 0
    compiled: int = 0
    seconds: float = 0.0


def slices(waiting: int, seconds: float, workers: int) -> float:
    """How many slices a unit may take: until the others that wait are done, and no worker has less than one to do.

    Args:
        waiting: How many other units wait.
        seconds: What a unit takes in the mean.
        workers: Units done at once.
    """
    return min(MOST_SLICES, max(1.0, waiting * seconds / max(1, workers) / SLICE_SECONDS)) if SLICE_SECONDS else 1.0


@lru_cache(maxsize=4)
def _records(config: SandboxConfig) -> Records:
    return Records(open_bench(config))


def join(config: SandboxConfig, expected_sha256: str) -> None:
    """Open the tools on a worker, and refuse it where it would measure with another clock.

    Args:
        config: What to measure with.
        expected_sha256: The harness's own ``Bench.worker_sha256``.

    Raises:
        OtherClock: This worker's fingerprint differs.
        SandboxError: A tool isn't there.
    """
    bench = open_bench(config)
    if bench.worker_sha256 != expected_sha256:
        raise OtherClock(
            f"worker on {os.uname().nodename} measures with another clock ({bench.worker_sha256[:12]}) than the harness "
            f"({expected_sha256[:12]}); install the same version of this package, compiler, libraries and engine there"
        )


def work(config: SandboxConfig, expected_sha256: str, unit: Unit) -> Done:
    """Do one unit and store its results as they come.

    Args:
        config: What to measure with.
        expected_sha256: The harness's own ``Bench.worker_sha256``; a worker that has another would mix two clocks.
        unit: The unit.

    Raises:
        SandboxError: The harness, the host or a tool failed; never because of the program.
    """
    join(config, expected_sha256)
    _require_space()
    started = time.monotonic()
    bench, records = open_bench(config), _records(config)
    if isinstance(unit, CompileUnit):
        compiled = _compile(bench, records, unit)
        return Done(compiled=compiled, seconds=time.monotonic() - started)
    native_runs, timed_runs = _run(bench, records, unit, started + unit.slices * SLICE_SECONDS)
    return Done(native_runs, timed_runs, seconds=time.monotonic() - started)


def _require_space() -> None:
    """Compilers, linkers and simulators that can't write their files fail as if the program were at fault."""
    folder = scratch_folder().parent
    if shutil.disk_usage(folder).free < LEAST_FREE_BYTES:
        raise SandboxError(
            f"{folder} on {os.uname().nodename} is full; free some space or set TMPDIR, and run the same command again"
        )


def _build(bench: Bench, records: Records, source: str, limits: Limits) -> Build:
    """Compile ``source`` and keep the binary."""
    with tempfile.TemporaryDirectory(prefix="build-", dir=scratch_folder()) as temporary:
        out = Path(temporary) / "prog"
        result = compile_source(source, bench.root, bench.isolation, limits, out)
        if not result.ok:
            _require_space()
            return Build(None, result.message)
        return Build(records.add_binary(out.read_bytes()), result.message)


def _compile(bench: Bench, records: Records, unit: CompileUnit) -> int:
    if records.build(unit.source_sha256, unit.limits) is not None:
        return 0
    records.add_build(unit.source_sha256, unit.limits, _build(bench, records, unit.source, unit.limits))
    return 1


def _program(bench: Bench, records: Records, unit: RunUnit) -> Path:
    """The unit's binary on this machine."""
    program = records.binary(unit.binary_sha256)
    if program is None:
        build = _build(bench, records, unit.source, unit.limits)
        program = records.binary(unit.binary_sha256)
        if build.binary_sha256 != unit.binary_sha256 or program is None:
            raise SandboxError(
                "the same source now compiles to another program; has the compiler or a header changed during the run?"
            )
    return program


def _run(bench: Bench, records: Records, unit: RunUnit, deadline: float) -> tuple[int, int]:
    """Do the unit's missing runs until ``deadline`` (a monotonic time); returns how many native and timed ones."""
    tests = records.tests(unit.tests) if isinstance(unit.tests, str) else unit.tests
    evidence = records.evidence(unit.binary_sha256, tests, unit.limits)
    counts = {True: 0, False: 0}
    while need := next_need(evidence, bench.policy):
        program = _program(bench, records, unit)
        indices = need.indices[unit.part :: unit.parts]
        engine: Engine = bench.engine if need.kind == "timed" else bench.native
        with _closing(engine.run(program, [tests[index].input for index in indices], unit.limits)) as runs:
            for index, run in zip(indices, runs, strict=True):
                if run.ending is Ending.ENGINE_CRASH:
                    _require_space()
                measurement, checks = records.add_run(
                    unit.binary_sha256, tests[index], unit.limits, run, kind=need.kind, tests=tests
                )
                counts[need.kind != "timed"] += 1
                evidence = evidence.and_run(index, measurement, checks, need.kind)
                if given_up(evidence, bench.policy, index, need.kind):
                    break
                if time.monotonic() >= deadline:
                    return counts[True], counts[False]
        if unit.parts > 1:
            break  # what comes next depends on the other parts
    return counts[True], counts[False]


@contextlib.contextmanager
def _closing(runs: Iterator[Run]) -> Iterator[Iterator[Run]]:
    """End what an engine has under way when its runs aren't taken to the end."""
    try:
        yield runs
    finally:
        close = getattr(runs, "close", None)
        if close is not None:
            close()
