"""How near do modelled speedups come to those that PIE recorded with gem5?

Takes real rows of PIE's validation split (``pie_val_rows.jsonl`` and public tests under ``--data``), a fixed number of
pairs a problem, measures both programs with an engine, and prints for each problem: Spearman's rank correlation, median
and 90th percentile of |log(modelled / recorded)|, the share of pairs on which "at least 1.1 times as fast" agrees, and how
much of the modelled time is process start-up. Recorded times are sums over about 100 tests that aren't all public, so pairs
whose time depends on other tests differ for that reason too. The baseline is a straw man that answers every pair with the
median recorded speedup.

Usage::

    python benchmarks/pie_fidelity.py --engine skylake --pairs 20 --data ../shared/data
"""

from __future__ import annotations

import argparse
import json
import math
import random
import statistics
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.scheduler import DEFAULT_ENGINE, DEFAULT_TOOLCHAIN, SandboxConfig, Scheduler, default_workers
from sandbox.types import Limits, SandboxError, Submission, TestCase, Verdict

CHECKER = "pie_compat"
DECISION = 1.1
"""PIE calls a program optimized from this speedup on."""

STARTUP = {
    True: "#include <iostream>\nint main() { return 0; }\n",
    False: "#include <cstdio>\nint main() { return 0; }\n",
}
"""Programs that do nothing but start up, with and without the C++ library's streams."""


@dataclass(frozen=True)
class Measured:
    """One pair, recorded and modelled.

    Attributes:
        problem_id: Its problem.
        recorded: Speedup by PIE's gem5.
        modelled: Speedup by the engine on the public tests.
        startup_share: Start-up's share of the slow program's modelled time, 0 to 1.
    """

    problem_id: str
    recorded: float
    modelled: float
    startup_share: float

    @property
    def error(self) -> float:
        """|log(modelled / recorded)|."""
        return abs(math.log(self.modelled / self.recorded))


def load(data: Path, pairs: int, seed: int) -> list[dict[str, Any]]:
    """At most ``pairs`` rows of each problem that has public tests, chosen by ``seed``."""
    groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in (data / "pie_val_rows.jsonl").read_text().splitlines():
        row = json.loads(line)
        if (data / "public_test_cases" / row["problem_id"]).is_dir():
            groups[row["problem_id"]].append(row)
    choose = random.Random(seed)
    return [row for _, rows in sorted(groups.items()) for row in choose.sample(rows, min(pairs, len(rows)))]


def public_tests(data: Path, problem_id: str) -> tuple[TestCase, ...]:
    """All public tests of a problem, in the order of their numbers."""
    folder = data / "public_test_cases" / problem_id
    names = sorted((path.name.split(".")[1] for path in folder.glob("input.*.txt")), key=int)
    return tuple(
        TestCase(name, (folder / f"input.{name}.txt").read_bytes(), (folder / f"output.{name}.txt").read_bytes())
        for name in names
    )


def measure(rows: Sequence[Mapping[str, Any]], data: Path, scheduler: Scheduler, limits: Limits) -> list[Measured]:
    """Measure both programs of every row; a row without two times is named on standard error."""
    tests = {row["problem_id"]: public_tests(data, row["problem_id"]) for row in rows}

    def start(source: str, problem: str) -> Future[Mapping[str, Verdict]]:
        return scheduler.submit(Submission(source, tests[problem], limits))

    empty = (TestCase("0", b"", b""),)
    startup = {streams: scheduler.submit(Submission(source, empty, limits)) for streams, source in STARTUP.items()}
    futures = [(start(row["src_code"], row["problem_id"]), start(row["tgt_code"], row["problem_id"])) for row in rows]
    startup_ticks = {streams: _startup_ticks(future.result()) for streams, future in startup.items()}
    measured = []
    for row, (old_future, new_future) in zip(rows, futures, strict=True):
        old, new = old_future.result()[CHECKER], new_future.result()[CHECKER]
        if old.ticks is None or new.ticks is None:
            which = old if old.ticks is None else new
            print(f"{row['problem_id']} {row['src_id']} {row['tgt_id']}: no time ({which.message})", file=sys.stderr)
            continue
        streams = "iostream" in row["src_code"] or "bits/stdc++" in row["src_code"]
        share = startup_ticks[streams] * len(old.tests) / old.ticks
        measured.append(Measured(row["problem_id"], row["speedup"], old.ticks / new.ticks, min(1.0, share)))
    return measured


def _startup_ticks(verdicts: Mapping[str, Verdict]) -> int:
    # An empty expected output can't be passed under the published rule; the strict one accepts it.
    ticks = verdicts["strict"].ticks
    if ticks is None:
        raise SandboxError(f"the empty program has no time: {verdicts['strict'].message}")
    return ticks


def ranks(values: Sequence[float]) -> list[float]:
    """Ranks with ties averaged."""
    order = sorted(range(len(values)), key=values.__getitem__)
    result = [0.0] * len(values)
    start = 0
    while start < len(order):
        end = start
        while end + 1 < len(order) and values[order[end + 1]] == values[order[start]]:
            end += 1
        for position in range(start, end + 1):
            result[order[position]] = (start + end) / 2
        start = end + 1
    return result


def spearman(one: Sequence[float], other: Sequence[float]) -> float:
    """Spearman's rank correlation; NaN where it isn't defined."""
    if len(set(one)) < 2 or len(set(other)) < 2:
        return math.nan
    return statistics.correlation(ranks(one), ranks(other))


def print_table(measured: Sequence[Measured]) -> None:
    """Print one line a problem, one for all, and one for the straw man."""
    print(f"{'problem':10} {'pairs':>5} {'Spearman':>8} {'median %':>8} {'p90 %':>8} {'agree %':>8} {'start-up %':>10}")
    groups: dict[str, list[Measured]] = defaultdict(list)
    for one in measured:
        groups[one.problem_id].append(one)
    for problem, group in [*sorted(groups.items()), ("all", list(measured))]:
        print(_line(problem, group))
    constant = statistics.median(one.recorded for one in measured)
    straw = [Measured(one.problem_id, one.recorded, constant, math.nan) for one in measured]
    print(_line("constant", straw) + f"   (always {constant:.2f})")


def _line(name: str, group: Sequence[Measured]) -> str:
    errors = sorted(one.error for one in group)
    p90 = errors[math.ceil(0.9 * len(errors)) - 1]
    agree = sum((one.modelled >= DECISION) == (one.recorded >= DECISION) for one in group) / len(group)
    rho = spearman([one.recorded for one in group], [one.modelled for one in group])
    share = statistics.mean(one.startup_share for one in group)
    return (
        f"{name:10} {len(group):5} {rho:8.3f} {100 * statistics.median(errors):8.1f} {100 * p90:8.1f} "
        f"{100 * agree:8.1f} {100 * share:10.1f}"
    )


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--engine", default=DEFAULT_ENGINE)
    parser.add_argument("--toolchain", default=DEFAULT_TOOLCHAIN)
    parser.add_argument("--pairs", type=int, default=20, help="pairs a problem at most")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--data", type=Path, default=Path(__file__).resolve().parents[2] / "shared" / "data")
    arguments = parser.parse_args()
    if not (arguments.data / "pie_val_rows.jsonl").is_file():
        print(f"{arguments.data} has no pie_val_rows.jsonl; give the folder with --data", file=sys.stderr)
        return 2
    rows = load(arguments.data, arguments.pairs, arguments.seed)
    config = SandboxConfig(engine=arguments.engine, toolchain=arguments.toolchain)
    try:
        with Scheduler(config, default_workers()) as scheduler:
            measured = measure(rows, arguments.data, scheduler, config.limits)
    except SandboxError as error:
        print(error, file=sys.stderr)
        return 2
    print(f"engine {arguments.engine}, toolchain {arguments.toolchain}, |log error| of speedup against recorded gem5")
    print_table(measured)
    return 0


if __name__ == "__main__":
    sys.exit(main())
