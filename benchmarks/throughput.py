"""How many candidates a minute? A naive driver against this harness, on the bundled split with its recorded answers.

    python benchmarks/throughput.py [--engine skylake] [--pairs 26] [--k 8] [--check]

* naive: one candidate after another as the published script orders its work. Every program is compiled and run natively on
  all tests, then, if it is right, each test is simulated by a process of its own; nothing is shared or kept.
* one core: this harness with one worker; harness and worker together are held to one core, as the naive driver is.
* all cores: a worker a core.
* Dask: the same workers as processes of a local Dask cluster, with the store served to them.
* again: the same command a second time, answered from the store.

All must give the same times. ``--check`` exits with 1 where one core isn't 4 times as fast as naive (for an engine that
shares a program's start-up among its tests), all cores not 1.8 times as fast as one (on two), or again above 1 ms a
candidate.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pie_tasks.dataset import load_split
from pie_tasks.generations import BUNDLED, read_generations
from sandbox.engines.base import Engine
from sandbox.paths import toolchains_folder
from sandbox.scheduler import DEFAULT_ENGINE, DEFAULT_TOOLCHAIN, SandboxConfig, default_workers
from sandbox.scheduler.config import Bench, open_bench
from sandbox.scheduler.work import Done, Unit
from sandbox.toolchain import compile_source
from sandbox.types import Ending, Run, SandboxError, TestCase
from scorers.evaluate import Evaluator, Settings
from scorers.extract import extract_code
from scorers.types import Pair, PairScore

CHECKER = "pie_compat"

Items = list[tuple[Pair, list[str]]]
Times = list[int | None]


@dataclass(frozen=True)
class Result:
    """What one driver achieved.

    Attributes:
        name: The driver.
        seconds: Wall-clock time.
        times: Ticks of each source and candidate, ``None`` where it has none.
    """

    name: str
    seconds: float
    times: Times


def mini_items(pairs: int, k: int) -> Items:
    """The first pairs of the bundled split with their first ``k`` recorded answers."""
    split = load_split("pie_mini")
    recorded = read_generations(BUNDLED)
    return [(split.pair(row), recorded[row.pair_id][:k]) for row in split.rows[:pairs]]


def naive(items: Items, engine: str, folder: Path) -> Times:
    """Judge all programs of ``items``, one after another."""
    config = SandboxConfig(engine=engine, toolchain=DEFAULT_TOOLCHAIN, store=folder / "unused", cache=folder)
    bench = open_bench(config)
    programs = [
        (code, pair.tests)
        for pair, responses in items
        for code in (pair.src_code, *(extract_code(response, pair.src_code) for response in responses))
    ]
    return [_naive_time(bench, code, tests, folder / "prog") for code, tests in programs]


def _naive_time(bench: Bench, code: str | None, tests: Sequence[TestCase], program: Path) -> int | None:
    limits = bench.config.limits
    if code is None or not compile_source(code, bench.root, bench.isolation, limits, program).ok:
        return None

    def right(test: TestCase, run: Run) -> bool:
        checker = bench.checkers[CHECKER]
        return run.ending is Ending.EXITED and run.code == 0 and checker.check(test.expected, run.stdout).accepted

    def alone(engine: Engine, test: TestCase) -> Run:
        return next(iter(engine.run(program, [test.input], limits)))

    native = [alone(bench.native, test) for test in tests]  # all of them, as the published script does
    if not all(right(test, run) for test, run in zip(tests, native, strict=True)):
        return None
    total = 0
    for test in tests:
        run = alone(bench.engine, test)
        if run.ticks is None:
            return None
        total += run.ticks
    return total


def ours(
    items: Items, settings: Settings, on_unit: Callable[[Unit, Done], None] | None = None
) -> tuple[Times, list[PairScore]]:
    """Judge all programs of ``items`` by the harness."""
    with Evaluator(settings, on_unit=on_unit) as evaluator:
        scores = evaluator.evaluate(items)
    verdicts = [verdict for score in scores for verdict in (score.source, *(one.verdicts for one in score.candidates))]
    return [verdict[CHECKER].ticks for verdict in verdicts], scores


@contextmanager
def one_core() -> Iterator[None]:
    """Hold this process and its children to one core."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


@contextmanager
def fresh_cache(folder: Path) -> Iterator[None]:
    """Compiled programs of this run in ``folder`` only, also those of a cluster's workers."""
    before = os.environ.get("PIE_CACHE_DIR")
    os.environ["PIE_TOOLCHAINS_DIR"] = str(toolchains_folder())
    os.environ["PIE_CACHE_DIR"] = str(folder)
    try:
        yield
    finally:
        del os.environ["PIE_CACHE_DIR"]
        if before is not None:
            os.environ["PIE_CACHE_DIR"] = before


def run_all(items: Items, engine: str, folder: Path) -> Iterator[Result]:
    """All drivers, one after another, each from nothing."""
    cores = default_workers()

    def timed(name: str, run: Callable[[], Times]) -> Result:
        started = time.perf_counter()
        times = run()
        return Result(name, time.perf_counter() - started, times)

    def settings(name: str, workers: int, executor: str = "local") -> Settings:
        return Settings(engine=engine, workers=workers, executor=executor, store=folder / f"{name}.sqlite")

    with one_core():
        yield timed("naive", lambda: naive(items, engine, folder))
    for name, workers, executor in (
        ("one core", 1, "local"),
        ("all cores", cores, "local"),
        ("Dask", cores, "local-cluster"),
    ):
        with fresh_cache(folder / name):
            if workers == 1:
                with one_core():
                    yield timed(name, lambda: ours(items, settings("one core", 1))[0])
            else:
                chosen = settings(name, workers, executor)
                yield timed(name, lambda chosen=chosen: ours(items, chosen)[0])  # type: ignore[misc]
    with fresh_cache(folder / "all cores"):
        yield timed("again", lambda: ours(items, settings("all cores", cores))[0])


def report(results: Mapping[str, Result], *, shares: bool, cores: int) -> bool:
    """Print the table; returns whether everything holds that should."""
    base = results["naive"]
    print(f"{'driver':12}{'seconds':>10}{'candidates/min':>16}{'x naive':>9}")
    for result in results.values():
        rate = 60 * len(result.times) / result.seconds
        print(f"{result.name:12}{result.seconds:10.1f}{rate:16.1f}{base.seconds / result.seconds:9.2f}")
    again = 1000 * results["again"].seconds / len(base.times)
    one = base.seconds / results["one core"].seconds
    scaling = results["one core"].seconds / results["all cores"].seconds
    print(f"one core against naive: {one:.2f} x; {cores} cores against one: {scaling:.2f} x")
    print(f"again: {again:.2f} ms a candidate")
    differing = [name for name, result in results.items() if result.times != base.times]
    for name in differing:
        print(f"{name} gives other times than naive")
    return not differing and (one >= 4 or not shares) and (scaling >= 1.8 or cores != 2) and again <= 1


def main() -> int:
    """Run all drivers and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", default=DEFAULT_ENGINE)
    parser.add_argument("--pairs", type=int, default=26)
    parser.add_argument("--k", type=int, default=8)
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    items = mini_items(arguments.pairs, arguments.k)
    programs = sum(1 + len(responses) for _, responses in items)
    print(f"pie_mini, {len(items)} pairs x {arguments.k} answers: {programs} programs; engine {arguments.engine}")
    print(f"load of this machine before: {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory(prefix="pie-throughput-") as temporary:
        folder = Path(temporary)
        folder.chmod(0o755)
        results = {}
        for result in run_all(items, arguments.engine, folder):
            results[result.name] = result
            print(f"  {result.name}: {result.seconds:.1f} s", flush=True)
        sound = report(results, shares=arguments.engine != "cachegrind", cores=default_workers())
    return 0 if sound or not arguments.check else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except SandboxError as error:
        sys.exit(f"throughput: {error}")
