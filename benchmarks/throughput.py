"""How many candidates a minute? A naive driver against this harness, on the bundled split with its recorded answers.

    python benchmarks/throughput.py [--engine skylake] [--pairs 26] [--k 8] [--every 4] [--without hang] [--check]

* naive: one candidate after another as the published script orders its work. Every program is compiled and run natively on
  all tests, then, if it is right, each test is simulated by a process of its own; nothing is shared or kept. As programs
  don't matter to each other here, only every fourth of each kind (source, faster, wrong, hang, ...) is measured, and the
  whole is estimated with a 95 % bootstrap interval; ``--every 1`` measures all.
* one core: this harness with one worker; harness and worker together are held to one core, as the naive driver is.
* all cores: a worker a core.
* Dask: the same workers as processes of a local Dask cluster, with the store served to them.
* again: the same command a second time, answered from the store.

A program that hangs costs the naive driver its limit of time on test after test, so a handful of them decides much of its
time; ``--without hang`` leaves them out.

All must give the same times. ``--check`` exits with 1 where one core isn't 4 times as fast as naive (for an engine that
shares a program's start-up among its tests), all cores not 1.8 times as fast as one (on two), or again above 1 ms a
candidate. What one core does is also split into compiling and running.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pie_tasks.dataset import load_split
from pie_tasks.generations import BUNDLED, read_generations
from sandbox.engines.base import Engine
from sandbox.paths import toolchains_folder
from sandbox.scheduler import DEFAULT_ENGINE, DEFAULT_TOOLCHAIN, SandboxConfig, default_workers
from sandbox.scheduler.config import Bench, open_bench
from sandbox.scheduler.work import CompileUnit, Done, Unit
from sandbox.toolchain import compile_source
from sandbox.types import Run, SandboxError, TestCase, succeeded
from scorers.evaluate import Evaluator, Settings
from scorers.extract import extract_code
from scorers.types import Pair, PairScore

CHECKER = "pie_compat"

SEED = 1
REPLICATES = 10_000

BUSY = "total = 0\nfor number in range(20_000_000): total += number * number"

Items = list[tuple[Pair, list[str]]]
Times = dict[int, int | None]
"""Ticks of each program, by its number (a source, its candidates, the next source); ``None`` where it has none."""


@dataclass(frozen=True)
class Result:
    """What one driver achieved.

    Attributes:
        name: The driver.
        seconds: Wall-clock time of all programs.
        times: What it measured.
        low: Lower end of the interval of ``seconds``, where it is an estimate.
        high: Upper end.
    """

    name: str
    seconds: float
    times: Times
    low: float | None = None
    high: float | None = None


def mini_items(pairs: int, k: int, without: str | None = None) -> Items:
    """The first pairs of the bundled split with their first ``k`` recorded answers, but those of kind ``without``."""
    split, recorded = load_split("pie_mini"), recorded_answers(without)
    return [(split.pair(row), [text for _, text in recorded[row.pair_id][:k]]) for row in split.rows[:pairs]]


def recorded_answers(without: str | None) -> dict[str, list[tuple[str, str]]]:
    """Pair id -> kind and text of its recorded answers, but those of kind ``without``."""
    rows = [json.loads(line) for line in BUNDLED.read_text(encoding="utf-8").splitlines()]
    texts = read_generations(BUNDLED)
    return {
        row["pair_id"]: [one for one in zip(row["kinds"], texts[row["pair_id"]], strict=True) if one[0] != without]
        for row in rows
    }


def programs_of(items: Items) -> list[tuple[Pair, str | None]]:
    """Every source and candidate with its pair, in the order of their numbers; ``None`` for a response without code."""
    return [
        (pair, code)
        for pair, responses in items
        for code in (pair.src_code, *(extract_code(response, pair.src_code) for response in responses))
    ]


def mini_kinds(items: Items, without: str | None = None) -> dict[str, list[int]]:
    """Kind -> the numbers of the programs of :func:`mini_items` that are of this kind."""
    recorded = recorded_answers(without)
    numbers: dict[str, list[int]] = defaultdict(list)
    of_all = (
        kind
        for pair, responses in items
        for kind in ("source", *(kind for kind, _ in recorded[pair.pair_id][: len(responses)]))
    )
    for number, kind in enumerate(of_all):
        numbers[kind].append(number)
    return dict(numbers)


def is_right(bench: Bench, test: TestCase, run: Run) -> bool:
    """Whether a run passes its test."""
    return succeeded(run) and bench.checkers[CHECKER].check(test.expected, run.stdout).accepted


def naive(items: Items, kinds: Mapping[str, Sequence[int]], every: int, engine: str, folder: Path) -> Result:
    """Judge every ``every``-th program of each kind, one after another, and estimate how long all would take."""
    config = SandboxConfig(engine=engine, toolchain=DEFAULT_TOOLCHAIN, store=folder / "unused", cache=folder)
    bench = open_bench(config)
    programs = programs_of(items)
    times: Times = {}
    seconds: dict[str, list[float]] = defaultdict(list)
    for kind, numbers in kinds.items():
        for number in numbers[every // 2 :: every] or numbers[:1]:
            started = time.perf_counter()
            pair, code = programs[number]
            times[number] = _naive_time(bench, code, pair.tests, folder / "prog")
            seconds[kind].append(time.perf_counter() - started)
    total = sum(len(numbers) * statistics.fmean(seconds[kind]) for kind, numbers in kinds.items())
    if every == 1:
        return Result("naive", total, times)
    random = np.random.default_rng(SEED)
    totals = sum(
        len(numbers) * random.choice(seconds[kind], (REPLICATES, len(seconds[kind]))).mean(axis=1)
        for kind, numbers in kinds.items()
    )
    low, high = np.quantile(totals, (0.025, 0.975))
    return Result("naive", total, times, float(low), float(high))


def _naive_time(bench: Bench, code: str | None, tests: Sequence[TestCase], program: Path) -> int | None:
    limits = bench.config.limits
    if code is None or not compile_source(code, bench.root, bench.isolation, limits, program).ok:
        return None

    def alone(engine: Engine, test: TestCase) -> Run:
        return next(iter(engine.run(program, [test.input], limits)))

    native = [alone(bench.native, test) for test in tests]  # all of them, as the published script does
    if not all(is_right(bench, test, run) for test, run in zip(tests, native, strict=True)):
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
    return {number: verdict[CHECKER].ticks for number, verdict in enumerate(verdicts)}, scores


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


def run_all(
    items: Items, kinds: Mapping[str, Sequence[int]], every: int, engine: str, folder: Path
) -> Iterator[Result]:
    """All drivers, one after another, each from nothing."""
    cores = default_workers()

    def timed(name: str, run: Callable[[], Times]) -> Result:
        started = time.perf_counter()
        times = run()
        return Result(name, time.perf_counter() - started, times)

    def settings(name: str, workers: int, executor: str = "local") -> Settings:
        return Settings(engine=engine, workers=workers, executor=executor, store=folder / f"{name}.sqlite")

    spent = {True: 0.0, False: 0.0}

    def on_unit(unit: Unit, done: Done) -> None:
        spent[isinstance(unit, CompileUnit)] += done.seconds

    with one_core(), fresh_cache(folder / "naive"):
        yield naive(items, kinds, every, engine, folder)
    with one_core(), fresh_cache(folder / "one core"):
        yield timed("one core", lambda: ours(items, settings("one core", 1), on_unit)[0])
    print(f"    compiling {spent[True]:.1f} s, running {spent[False]:.1f} s")
    for name, executor in (("all cores", "local"), ("Dask", "local-cluster")):
        with fresh_cache(folder / name):
            chosen = settings(name, cores, executor)
            yield timed(name, lambda chosen=chosen: ours(items, chosen)[0])  # type: ignore[misc]
    with fresh_cache(folder / "all cores"):
        yield timed("again", lambda: ours(items, settings("all cores", cores))[0])


def machine_scaling(cores: int) -> float:
    """How much more ``cores`` processes that share nothing get done at once than one alone: what no scheduler exceeds."""

    def seconds(copies: int) -> float:
        started = time.perf_counter()
        running = [subprocess.Popen([sys.executable, "-c", BUSY]) for _ in range(copies)]
        for process in running:
            process.wait()
        return time.perf_counter() - started

    ratios = [cores * seconds(1) / seconds(cores) for _ in range(5)]
    return statistics.median(ratios)


def report(results: Mapping[str, Result], programs: int, *, shares: bool, cores: int) -> bool:
    """Print the table; returns whether everything holds that should."""
    base = results["naive"]
    print(f"{'driver':12}{'seconds':>10}{'candidates/min':>16}{'x naive':>9}")
    for result in results.values():
        rate = 60 * programs / result.seconds
        print(f"{result.name:12}{result.seconds:10.1f}{rate:16.1f}{base.seconds / result.seconds:9.2f}")
    again = 1000 * results["again"].seconds / programs
    one = results["one core"].seconds
    scaling = one / results["all cores"].seconds
    if base.low is not None and base.high is not None:
        print(f"naive is estimated from {len(base.times)} of {programs} programs: {base.low:.0f} to {base.high:.0f} s")
        print(f"one core against naive: {base.seconds / one:.2f} x ({base.low / one:.2f} to {base.high / one:.2f})")
    else:
        print(f"one core against naive: {base.seconds / one:.2f} x")
    print(f"{cores} cores against one: {scaling:.2f} x (the machine itself: {machine_scaling(cores):.2f} x)")
    print(f"again: {again:.2f} ms a candidate")
    expected = {**results["one core"].times, **base.times}
    differing = [
        name
        for name, result in results.items()
        if any(ticks != expected[number] for number, ticks in result.times.items())
    ]
    for name in differing:
        print(f"{name} gives other times than naive, or than one core where naive has none")
    fast = base.seconds / one >= 4 or not shares
    return not differing and fast and (scaling >= 1.8 or cores != 2) and again <= 1


def main() -> int:
    """Run all drivers and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", default=DEFAULT_ENGINE)
    parser.add_argument("--pairs", type=int, default=26)
    parser.add_argument("--k", type=int, default=8)
    parser.add_argument("--every", type=int, default=4, help="the naive driver judges every Nth program of a kind")
    parser.add_argument("--without", metavar="KIND", help="leave answers of this kind out, such as hang")
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    items = mini_items(arguments.pairs, arguments.k, arguments.without)
    programs = sum(1 + len(responses) for _, responses in items)
    left_out = f" without {arguments.without}" if arguments.without else ""
    print(f"pie_mini, {len(items)} pairs x {arguments.k} answers{left_out}: {programs} programs; {arguments.engine}")
    print(f"load of this machine before: {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory(prefix="pie-throughput-") as temporary:
        folder = Path(temporary)
        folder.chmod(0o755)
        results = {}
        kinds = mini_kinds(items, arguments.without)
        for result in run_all(items, kinds, arguments.every, arguments.engine, folder):
            results[result.name] = result
            print(f"  {result.name}: {result.seconds:.1f} s", flush=True)
        sound = report(results, programs, shares=arguments.engine != "cachegrind", cores=default_workers())
    return 0 if sound or not arguments.check else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except SandboxError as error:
        sys.exit(f"throughput: {error}")
