"""The store as the scheduler and its workers see it: keys of one bench, evidence of one submission."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from sandbox.judge import KINDS, Evidence, Kind
from sandbox.paths import default_cache
from sandbox.scheduler.config import Bench, open_store
from sandbox.store.binaries import Binaries
from sandbox.store.served import Measurements, RemoteStore, remote_store
from sandbox.store.sqlite import Build, build_limits, run_limits
from sandbox.types import Check, Limits, Measurement, Run, TestCase, sha256, succeeded


class Records:
    """A bench's window on its store, and on the compiled programs of its machine."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        served = bench.config.served
        self._remote: RemoteStore | None = remote_store(served) if served else None
        self._store: Measurements = self._remote or open_store(bench.config.store)
        self._binaries = binaries(default_cache() if served else bench.config.cache)
        self._keys: dict[Kind, int] = {
            "native": self._store.key(bench.native_fingerprint),
            "timed": self._store.key(bench.fingerprint),
            "again": self._store.key({**bench.native_fingerprint, "run": "2"}),
        }
        self._checkers = {
            name: self._store.key({"checker": name, "version": checker.version})
            for name, checker in bench.checkers.items()
        }
        self._tests = lru_cache(maxsize=64)(self._remote.get_tests) if self._remote else None
        # Every program asks for the keys of its limits, and nearly all have the same.
        self._build_key = lru_cache(maxsize=16)(self._build_key_of)
        self._limits_key = lru_cache(maxsize=16)(self._limits_key_of)

    def _build_key_of(self, limits: Limits) -> int:
        return self._store.key({"toolchain": self._bench.toolchain_fingerprint, **build_limits(limits)})

    def _limits_key_of(self, limits: Limits) -> int:
        return self._store.key(run_limits(limits))

    def tests(self, name: str) -> tuple[TestCase, ...]:
        """The tests that the harness serves as ``name``; the last ones are remembered."""
        assert self._tests is not None, "only served tests have names"
        return self._tests(name)

    def binary(self, binary_sha256: str) -> Path | None:
        """A compiled program on this machine, fetched from the harness if need be; ``None`` if neither has it."""
        path = self._binaries.path(binary_sha256)
        if path is None and self._remote is not None:
            content = self._remote.get_binary(binary_sha256)
            if content is not None:
                self._binaries.add(content)
                path = self._binaries.path(binary_sha256)
        return path

    def add_binary(self, content: bytes) -> str:
        """Keep a compiled program here and at the harness; returns its hash."""
        if self._remote is not None:
            self._remote.put_binary(content)
        return self._binaries.add(content)

    def build(self, source_sha256: str, limits: Limits) -> Build | None:
        return self._store.get_build(source_sha256, self._build_key(limits))

    def add_build(self, source_sha256: str, limits: Limits, build: Build) -> None:
        self._store.put_build(source_sha256, self._build_key(limits), build)

    def evidence(self, binary_sha256: str, tests: Sequence[TestCase], limits: Limits) -> Evidence:
        """All that is stored of a binary on these tests.

        A run whose output a checker hasn't seen counts as missing: only a run shows its output.
        """
        limits_key = self._limits_key(limits)
        stored = self._store.get_runs(binary_sha256, [self._keys[kind] for kind in KINDS], limits_key)
        outputs = {
            (run.stdout_sha256, test.expected_sha256)
            for runs in filter(None, stored)
            for test in tests
            if (run := runs.get(test.input_sha256)) is not None and succeeded(run)
        }
        opinions = self._store.get_checks(outputs, list(self._checkers.values())) if outputs else {}
        checks: dict[tuple[str, str, str], Check] = {
            (stdout, expected, name): check
            for stdout, expected in outputs
            for name, key in self._checkers.items()
            if (check := opinions.get((stdout, expected, key))) is not None
        }
        checked = outputs
        if len(checks) < len(outputs) * len(self._checkers):
            checked = {output for output in outputs if all((*output, name) in checks for name in self._checkers)}
        native, timed, again = (
            {
                index: run
                for index, test in enumerate(tests if runs else ())
                if (run := runs.get(test.input_sha256)) is not None
                and ((run.stdout_sha256, test.expected_sha256) in checked or not succeeded(run))
            }
            for runs in stored
        )
        return Evidence(tests, native, timed, checks, again)

    def add_run(
        self, binary_sha256: str, test: TestCase, limits: Limits, run: Run, *, kind: Kind, tests: Sequence[TestCase]
    ) -> tuple[Measurement, dict[tuple[str, str, str], Check]]:
        """Check a run's output with every checker and store both; the run is in the store when this returns.

        The output is held against the expected ones of all ``tests`` with this input, for they share the run.
        """
        measurement = Measurement(
            run.ending, run.code, sha256(run.stdout), len(run.stdout), run.ticks, run.instructions, run.message
        )
        twins = {one.expected_sha256: one for one in tests if one.input_sha256 == test.input_sha256}
        checks = {}
        if succeeded(measurement):
            checks = {
                (expected, name): checker.check(twin.expected, run.stdout)
                for expected, twin in twins.items()
                for name, checker in self._bench.checkers.items()
            }
        self._store.put_run(
            binary_sha256,
            self._keys[kind],
            self._limits_key(limits),
            test.input_sha256,
            measurement,
            checks={(expected, self._checkers[name]): check for (expected, name), check in checks.items()},
            wanted=[(expected, key) for expected in twins for key in self._checkers.values()],
        )
        return measurement, {(measurement.stdout_sha256, *asked): check for asked, check in checks.items()}


def binaries(cache: Path) -> Binaries:
    """The compiled programs in the cache folder ``cache``."""
    return Binaries(cache / "binaries")
