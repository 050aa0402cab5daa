"""The store as the scheduler and its workers see it: keys of one bench, evidence of one submission."""

from __future__ import annotations

from collections.abc import Sequence

from sandbox.judge import Evidence
from sandbox.scheduler.config import Bench, open_store
from sandbox.store.sqlite import Build, build_limits, run_limits
from sandbox.types import Check, Ending, Limits, Measurement, Run, TestCase, sha256


class Records:
    """A bench's window on its store."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._store = open_store(bench.config.store)
        self._engine = self._store.key(bench.fingerprint)
        self._native = self._store.key(bench.native_fingerprint)
        self._checkers = {
            name: self._store.key({"checker": name, "version": checker.version})
            for name, checker in bench.checkers.items()
        }

    def _toolchain(self, limits: Limits) -> int:
        return self._store.key({"toolchain": self._bench.toolchain_fingerprint, **build_limits(limits)})

    def build(self, source_sha256: str, limits: Limits) -> Build | None:
        return self._store.get_build(source_sha256, self._toolchain(limits))

    def add_build(self, source_sha256: str, limits: Limits, build: Build) -> None:
        self._store.put_build(source_sha256, self._toolchain(limits), build)

    def evidence(self, binary_sha256: str, tests: Sequence[TestCase], limits: Limits) -> Evidence:
        """All that is stored of a binary on these tests.

        A run whose output a checker hasn't seen counts as missing: only a run shows its output.
        """
        limits_key = self._store.key(run_limits(limits))
        checks: dict[tuple[str, str, str], Check] = {}
        kept: list[dict[int, Measurement]] = []
        for engine in (self._native, self._engine):
            runs = self._store.get_runs(binary_sha256, engine, limits_key)
            found = {}
            for index, test in enumerate(tests):
                run = runs.get(test.input_sha256)
                if run is not None and self._look_up_checks(run, test, checks):
                    found[index] = run
            kept.append(found)
        return Evidence(tests, kept[0], kept[1], checks)

    def _look_up_checks(self, run: Measurement, test: TestCase, checks: dict[tuple[str, str, str], Check]) -> bool:
        if run.ending is not Ending.EXITED or run.code != 0:
            return True
        output = (run.stdout_sha256, test.expected_sha256)
        stored = self._store.get_checks([output], list(self._checkers.values()))
        for name, key in self._checkers.items():
            check = stored.get((output[0], output[1], key))
            if check is None:
                return False
            checks[(output[0], output[1], name)] = check
        return True

    def add_run(
        self, binary_sha256: str, test: TestCase, limits: Limits, run: Run, *, native: bool
    ) -> tuple[Measurement, dict[tuple[str, str, str], Check]]:
        """Check a run's output with every checker and store both; the run is durable when this returns."""
        measurement = Measurement(
            run.ending, run.code, sha256(run.stdout), len(run.stdout), run.ticks, run.instructions, run.message
        )
        checks = {}
        if run.ending is Ending.EXITED and run.code == 0:
            for name, checker in self._bench.checkers.items():
                check = checker.check(test.expected, run.stdout)
                checks[(measurement.stdout_sha256, test.expected_sha256, name)] = check
                self._store.put_check(measurement.stdout_sha256, test.expected_sha256, self._checkers[name], check)
        engine = self._native if native else self._engine
        limits_key = self._store.key(run_limits(limits))
        self._store.put_run(binary_sha256, engine, limits_key, test.input_sha256, measurement)
        return measurement, checks
