"""What a worker does with one unit: compile a program, or run one program's missing tests. Runs in any process."""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from sandbox.judge import given_up, next_need
from sandbox.scheduler.config import Bench, SandboxConfig, open_bench
from sandbox.scheduler.records import Records
from sandbox.scratch import scratch_folder
from sandbox.store.sqlite import Build
from sandbox.toolchain import compile_source
from sandbox.types import Limits, SandboxError, TestCase, sha256


@dataclass(frozen=True)
class CompileUnit:
    """One distinct source to compile."""

    source: str
    source_sha256: str
    limits: Limits


@dataclass(frozen=True)
class RunUnit:
    """One distinct binary with the tests of its problem; what is missing of them is run."""

    source: str
    binary_sha256: str
    tests: tuple[TestCase, ...]
    limits: Limits


Unit = CompileUnit | RunUnit


@dataclass(frozen=True)
class Done:
    """What a unit did: simulated and native runs, and whether it compiled."""

    native_runs: int = 0
    timed_runs: int = 0
    compiled: int = 0


@lru_cache(maxsize=4)
def _records(config: SandboxConfig) -> Records:
    return Records(open_bench(config))


def work(config: SandboxConfig, expected_sha256: str, unit: Unit) -> Done:
    """Do one unit and store its results as they come.

    Args:
        config: What to measure with.
        expected_sha256: The harness's own fingerprint; a worker that has another one would mix two clocks.
        unit: The unit.

    Raises:
        SandboxError: The harness, the host or a tool failed; never because of the program.
    """
    bench = open_bench(config)
    if bench.sha256 != expected_sha256:
        raise SandboxError(
            f"worker on {os.uname().nodename} measures with another clock ({bench.sha256[:12]}) than the harness "
            f"({expected_sha256[:12]}); install the same compiler, libraries and engine there"
        )
    if isinstance(unit, CompileUnit):
        return _compile(bench, _records(config), unit)
    return _run(bench, _records(config), unit)


def _binary_path(config: SandboxConfig, binary_sha256: str) -> Path:
    return config.cache / "binaries" / binary_sha256[:2] / binary_sha256


def _build(bench: Bench, source: str, limits: Limits) -> Build:
    """Compile ``source`` into the cache of binaries."""
    with tempfile.TemporaryDirectory(prefix="build-", dir=scratch_folder()) as temporary:
        out = Path(temporary) / "prog"
        result = compile_source(source, bench.root, bench.isolation, limits, out)
        if not result.ok:
            return Build(None, result.message)
        binary_sha256 = sha256(out.read_bytes())
        path = _binary_path(bench.config, binary_sha256)
        path.parent.mkdir(parents=True, exist_ok=True)
        # its name says its content, so all who write it at once write the same; whoever dies meanwhile left another name
        partial = path.with_name(f"{path.name}.{os.getpid()}")
        shutil.copyfile(out, partial)
        partial.chmod(0o755)
        partial.replace(path)
        return Build(binary_sha256, result.message)


def _compile(bench: Bench, records: Records, unit: CompileUnit) -> Done:
    if records.build(unit.source_sha256, unit.limits) is not None:
        return Done()
    records.add_build(unit.source_sha256, unit.limits, _build(bench, unit.source, unit.limits))
    return Done(compiled=1)


def _run(bench: Bench, records: Records, unit: RunUnit) -> Done:
    program = _binary_path(bench.config, unit.binary_sha256)
    if not program.exists():
        build = _build(bench, unit.source, unit.limits)
        if build.binary_sha256 != unit.binary_sha256:
            raise SandboxError(
                "the same source now compiles to another program; has the compiler or a header changed during the run?"
            )
    evidence = records.evidence(unit.binary_sha256, unit.tests, unit.limits)
    native_runs = timed_runs = 0
    while need := next_need(evidence, bench.policy):
        engine = bench.native if need.native else bench.engine
        inputs = [unit.tests[index].input for index in need.indices]
        runs = engine.run(program, inputs, unit.limits)
        try:
            for index, run in zip(need.indices, runs, strict=True):
                measurement, checks = records.add_run(
                    unit.binary_sha256, unit.tests[index], unit.limits, run, native=need.native
                )
                evidence = evidence.and_run(index, measurement, checks, native=need.native)
                if need.native:
                    native_runs += 1
                else:
                    timed_runs += 1
                if given_up(evidence, bench.policy, index, native=need.native):
                    break
        finally:
            close = getattr(runs, "close", None)
            if close is not None:
                close()
    return Done(native_runs, timed_runs)
