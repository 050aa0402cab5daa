"""What does timing a subset of the tests cost in accuracy? (``pie score --timing-tests N``)

    python benchmarks/timing_subset.py [--engine skylake] [--pairs 26] [--k 8] [--store FILE]

Scores the bundled split's recorded answers with all tests timed, then with N of each problem's tests, and prints for each
N how far the speedups of correct candidates are from those of all tests: the median, 90th percentile and maximum of
|log ratio| in percent, the candidates for which "at least 1.1 times as fast" changes, the change of the mean speedup at
best of k, and the share of timed runs that are saved. With an engine that decides correctness natively, the second and
all later scorings need no new run.
"""

from __future__ import annotations

import argparse
import math
import statistics
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from throughput import CHECKER, Items, mini_items, ours

from sandbox.scheduler import DEFAULT_ENGINE
from sandbox.types import SandboxError
from scorers.evaluate import Settings
from scorers.types import PairScore

DECISION = 1.1


def speedups(scores: Sequence[PairScore]) -> list[float]:
    """Of every candidate that has a time, in order; 1 for the others keeps the lists alike."""
    return [candidate.speedups[CHECKER] for score in scores for candidate in score.candidates]


def best_mean(scores: Sequence[PairScore]) -> float:
    """Mean over the pairs of the best candidate's speedup, at least 1."""
    return statistics.fmean(max(1.0, *(one.speedups[CHECKER] for one in score.candidates)) for score in scores)


def timed_runs(scores: Sequence[PairScore]) -> int:
    """Tests with a time, over all programs."""
    verdicts = [verdict for score in scores for verdict in (score.source, *(one.verdicts for one in score.candidates))]
    return sum(test.ticks is not None for verdict in verdicts for test in verdict[CHECKER].tests)


def compare(items: Items, settings: Settings, numbers: Sequence[int]) -> None:
    """Print a line for each number of timed tests."""
    _, full = ours(items, settings)
    whole, all_runs = speedups(full), timed_runs(full)
    correct = [candidate.verdicts[CHECKER].ticks is not None for score in full for candidate in score.candidates]
    tests = sorted({len(pair.tests) for pair, _ in items})
    print(f"{len(items)} pairs, {sum(correct)} candidates with a time, {tests[0]} to {tests[-1]} tests a problem")
    print(f"best of k, all tests: mean speedup {best_mean(full):.3f}")
    print(f"{'N':>4}{'median %':>10}{'p90 %':>8}{'max %':>8}{'decisions':>11}{'mean speedup':>14}{'runs saved':>12}")
    for number in numbers:
        _, scores = ours(items, replace(settings, timing_tests=number))
        ratios = [
            abs(math.log(part / one))
            for part, one, right in zip(speedups(scores), whole, correct, strict=True)
            if right
        ]
        changed = sum(
            (part >= DECISION) != (one >= DECISION) for part, one in zip(speedups(scores), whole, strict=True)
        )
        saved = 1 - timed_runs(scores) / all_runs
        percents = [100 * value for value in (statistics.median(ratios), _p90(ratios), max(ratios))]
        shown = "".join(f"{value:{width}.2f}" for value, width in zip(percents, (10, 8, 8), strict=True))
        print(f"{number:4}{shown}{changed:11}{best_mean(scores):14.3f}{100 * saved:11.0f}%", flush=True)


def _p90(values: Sequence[float]) -> float:
    return sorted(values)[math.ceil(0.9 * len(values)) - 1]


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", default=DEFAULT_ENGINE)
    parser.add_argument("--pairs", type=int, default=26)
    parser.add_argument("--k", type=int, default=8)
    parser.add_argument("--store", type=Path, help="Keep and reuse measurements in this file.")
    parser.add_argument("--numbers", type=int, nargs="+", default=[1, 2, 3, 5])
    arguments = parser.parse_args()
    items = mini_items(arguments.pairs, arguments.k)
    with tempfile.TemporaryDirectory(prefix="pie-subset-") as temporary:
        store = arguments.store or Path(temporary) / "store.sqlite"
        compare(items, Settings(engine=arguments.engine, store=store), arguments.numbers)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except SandboxError as error:
        sys.exit(f"timing_subset: {error}")
