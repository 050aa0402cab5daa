"""How far does it scale? Real units replayed through a discrete-event simulation of 1 to 1,000 workers.

    python benchmarks/scale_model.py [--engine skylake] [--pairs 6] [--k 8] [--harness-ms 1.0] [--store-ms 0.1]

First a part of the bundled split is scored with 1 and 2 real workers and on a local Dask cluster; the durations of its
units come from the run with one worker, and the model's prediction for 2 stands beside what 2 took. Then units drawn
from these (the same draw every time) make a run of 978 pairs x 40 candidates, and the model prints its makespan and
efficiency for 1 to 1,000 workers, where the efficiency falls below 90 %, and what orders of work other than ours would do.

The model: a worker does one unit at a time; a program is compiled, then run; units longer than a slice come back and are
shared by idle workers at the end. The harness handles one event at a time: ``--harness-ms`` a unit and ``--store-ms`` for
each run that workers elsewhere store through it (``benchmarks/scheduler_overhead.py`` measures both).
"""

from __future__ import annotations

import argparse
import heapq
import random
import sys
import tempfile
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from throughput import Items, fresh_cache, mini_items, ours

from sandbox.scheduler import DEFAULT_ENGINE
from sandbox.scheduler.work import SLICE_SECONDS, CompileUnit, Done, Unit, slices
from sandbox.types import SandboxError
from scorers.evaluate import Settings

PAIRS, CANDIDATES = 978, 40
WORKERS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1000)
ORDERS = ("ours", "no sharing", "compile all first", "longest first")
EFFICIENT = 0.9


@dataclass(frozen=True)
class Program:
    """What one distinct program takes.

    Attributes:
        compile: Seconds to compile it.
        run: Seconds to run its tests; 0 where it doesn't compile or equals another binary.
        runs: How many runs those are.
    """

    compile: float
    run: float
    runs: int


def measure(items: Items, settings: Settings) -> tuple[float, list[Program]]:
    """Score ``items``; returns the wall-clock seconds and the distinct programs in it."""
    compiles: list[float] = []
    runs: list[Done] = []

    def note(unit: Unit, done: Done) -> None:
        if isinstance(unit, CompileUnit):
            compiles.append(done.seconds)
        else:
            runs.append(done)

    started = time.perf_counter()
    ours(items, settings, note)
    seconds = time.perf_counter() - started
    programs = [Program(one, 0.0, 0) for one in compiles[len(runs) :]]
    programs += [
        Program(one, done.seconds, done.native_runs + done.timed_runs)
        for one, done in zip(compiles, runs, strict=False)
    ]
    return seconds, programs


def makespan(
    programs: Sequence[Program],
    workers: int,
    order: str,
    *,
    harness: float,
    store: float,
) -> float:
    """Seconds until ``workers`` have done all ``programs``."""
    ours_or_longest = order != "compile all first"
    to_compile = deque(programs if order != "longest first" else sorted(programs, key=lambda one: -one.run))
    to_run: deque[tuple[float, float]] = deque()  # seconds left, runs left
    mean = sum(one.compile + one.run for one in programs) / max(1, sum(2 if one.run else 1 for one in programs))
    free = workers
    now = harness_free = 0.0
    events: list[tuple[float, int, Program | None, float, float]] = []  # end, serial, compiled program, what is left
    serial = 0
    while to_compile or to_run or events:
        while free and (to_run or to_compile):
            harness_free = max(harness_free, now) + harness
            if to_run and (ours_or_longest or not to_compile):
                seconds, runs = to_run.popleft()
                most = SLICE_SECONDS * slices(len(to_run) + len(to_compile), mean, workers)
                share = 1.0 if order == "no sharing" else min(1.0, most / seconds)
                done, compiled, left = seconds * share, None, (seconds * (1 - share), runs * (1 - share))
                harness_free += store * runs * share
            else:
                compiled = to_compile.popleft()
                done, left = compiled.compile, (0.0, 0.0)
            serial += 1
            heapq.heappush(events, (harness_free + done, serial, compiled, *left))
            free -= 1
        now, _, compiled, seconds, runs = heapq.heappop(events)
        free += 1
        if compiled is not None and compiled.run:
            to_run.append((compiled.run, compiled.runs))
        if seconds > 0:
            idle = max(0, free - len(to_run) - len(to_compile) - 1)
            to_run.extend([(seconds / (idle + 1), runs / (idle + 1))] * (idle + 1))
    return now


def report_local(items: Items, engine: str, folder: Path, harness: float) -> list[Program]:
    """Measure 1 and 2 workers and Dask here; print them beside the model."""
    programs: list[Program] = []
    for name, workers, executor in (
        ("1 worker", 1, "local"),
        ("2 workers", 2, "local"),
        ("Dask, 2", 2, "local-cluster"),
    ):
        settings = Settings(engine=engine, workers=workers, executor=executor, store=folder / f"{name}.sqlite")
        with fresh_cache(folder / name):
            seconds, found = measure(items, settings)
        programs = programs or found
        model = makespan(programs, workers, "ours", harness=harness, store=0.0)
        print(f"measured here, {name:10}{seconds:8.1f} s   model {model:8.1f} s", flush=True)
    return programs


def report_scale(measured: Sequence[Program], harness: float, store: float) -> None:
    """Print the model's figures for a whole run."""
    chance = random.Random(978)
    programs = chance.choices(measured, k=PAIRS * (CANDIDATES + 1))
    total = sum(one.compile + one.run for one in programs)
    longest = max(one.compile + one.run for one in programs)
    print(f"{PAIRS} x {CANDIDATES}: {total / 3600:.1f} core hours, longest program {longest:.1f} s")
    print(f"{'workers':>8}{'makespan':>12}{'efficiency':>12}" + "".join(f"{order:>20}" for order in ORDERS[1:]))
    bends = None
    for workers in WORKERS:
        spans = [makespan(programs, workers, order, harness=harness, store=store) for order in ORDERS]
        efficiency = total / spans[0] / workers
        bends = bends or (workers if efficiency < EFFICIENT else None)
        others = "".join(f"{span / 60:16.1f} min" for span in spans[1:])
        print(f"{workers:8}{spans[0] / 60:8.1f} min{100 * efficiency:10.1f} %{others}", flush=True)
    print(
        f"efficiency below {100 * EFFICIENT:.0f} %: " + (f"from {bends} workers on" if bends else "nowhere up to 1,000")
    )
    limit = sum(harness * (2 if one.run else 1) + store * one.runs for one in programs)
    print(f"the harness alone needs {limit / 60:.1f} min: no number of workers is faster than that")


def main() -> int:
    """Measure, model, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", default=DEFAULT_ENGINE)
    parser.add_argument("--pairs", type=int, default=6)
    parser.add_argument("--k", type=int, default=8)
    parser.add_argument("--harness-ms", type=float, default=1.0)
    parser.add_argument("--store-ms", type=float, default=0.1)
    arguments = parser.parse_args()
    harness, store = arguments.harness_ms / 1000, arguments.store_ms / 1000
    with tempfile.TemporaryDirectory(prefix="pie-scale-") as temporary:
        folder = Path(temporary)
        folder.chmod(0o755)
        measured = report_local(mini_items(arguments.pairs, arguments.k), arguments.engine, folder, harness)
    report_scale(measured, harness, store)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except SandboxError as error:
        sys.exit(f"scale_model: {error}")
