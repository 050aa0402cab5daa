"""How much faster is the engine gem5 than one gem5 process a test, and where does it come from?

In one invocation, on the same gem5 and the same programs, the published driver's way (a gem5 process of its own for every
test of every program that is right natively) is compared with ours, and every tick is held against it. The published way
would take hours, so a fixed random sample of its tests is timed, alone on the machine, with a 95 % interval of the mean
(bootstrap). Two workloads:

* ``pie``: PIE's shape. Programs of ``pie_mini`` with 80 tests each: the problem's inputs with different numbers of line
  ends behind them, which no program minds.
* ``mini``: ``pie_mini`` and its recorded 8 answers a pair, as it is.

What contributes is printed as factors of work avoided: tests of programs equal after compilation (dedup), tests after a
program's first failure (early stop), start-ups shared among a program's tests; then parallelism, and what the harness adds
to pure simulation time. Needs a gem5 (docs/gem5.md)::

    PIE_GEM5=.../gem5.fast PIE_GEM5_ROOT=... python benchmarks/gem5_throughput.py --toolchain paper --problems 4
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pie_tasks.dataset import load_split
from pie_tasks.generations import BUNDLED, read_generations
from sandbox.engines import EngineContext, make_engine
from sandbox.isolation import make_isolation
from sandbox.scheduler import default_workers
from sandbox.toolchain import compile_source, get_root
from sandbox.types import Limits, SandboxError, TestCase, Verdict
from scorers.evaluate import CHECKERS, Evaluator, Settings
from scorers.extract import extract_code
from scorers.types import Pair

PIE_TESTS = 80
SAMPLES = 8
"""Candidates a pair."""


@dataclass(frozen=True)
class Program:
    """One program of the workload, as often as it is submitted.

    Attributes:
        source: Its text.
        tests: Its problem's tests.
        verdict: Ours.
        times: How many submissions have this text and these tests.
    """

    source: str
    tests: tuple[TestCase, ...]
    verdict: Verdict
    times: int


def many_tests(tests: Sequence[TestCase]) -> tuple[TestCase, ...]:
    """:data:`PIE_TESTS` tests of the same work: every input with 0, 1, 2 ... further line ends."""
    grown = []
    while len(grown) < PIE_TESTS:
        turn, test = divmod(len(grown), len(tests))
        grown.append(replace(tests[test], name=str(len(grown)), input=tests[test].input + b"\n" * turn))
    return tuple(grown)


def load(problems: int, seed: int, shape: str) -> list[tuple[Pair, Sequence[str]]]:
    """Pairs of ``problems`` random problems with their recorded answers."""
    split, answers = load_split("pie_mini"), read_generations(BUNDLED)
    rows = random.Random(seed).sample(split.rows, min(problems, len(split.rows)))
    items = []
    for row in rows:
        pair = split.pair(row)
        if shape == "pie":
            pair = replace(pair, tests=many_tests(pair.tests))
        items.append((pair, answers[row.pair_id][:SAMPLES]))
    return items


def run_ours(
    items: Sequence[tuple[Pair, Sequence[str]]], toolchain: str, workers: int
) -> tuple[float, list[Program], int]:
    """Judge everything from an empty store.

    Returns:
        Seconds, programs, and runs that were really simulated.
    """
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(engine="gem5", toolchain=toolchain, workers=workers, store=Path(folder) / "store.sqlite")
        with Evaluator(settings) as evaluator:
            started = time.monotonic()
            scores = evaluator.evaluate(items)
            seconds, simulated = time.monotonic() - started, evaluator.progress.timed_runs
    times: dict[tuple[str, tuple[TestCase, ...]], int] = {}
    verdicts: dict[tuple[str, tuple[TestCase, ...]], Verdict] = {}
    for (pair, responses), score in zip(items, scores, strict=True):
        codes = [extract_code(response, pair.src_code) for response in responses]
        judged = [score.source, *(candidate.verdicts for candidate in score.candidates)]
        for code, by_checker in zip([pair.src_code, *codes], judged, strict=True):
            if code is not None:
                key = (code, pair.tests)
                times[key] = times.get(key, 0) + 1
                verdicts[key] = by_checker[CHECKERS[0]]
    return seconds, [Program(*key, verdicts[key], count) for key, count in times.items()], simulated


def run_alone(
    programs: Sequence[Program], toolchain: str, number: int, seed: int
) -> tuple[list[float], list[tuple[float, float]], int]:
    """The published way on a sample: a gem5 process for each test.

    Returns:
        Seconds of each sampled test; for the sampled programs, seconds of all their tests in our way and the share of it
        that is pure simulation; and on how many tests the ticks differ.
    """
    root, isolation = get_root(toolchain), make_isolation("bubblewrap")
    chosen = random.Random(seed).choices(programs, weights=[p.times * len(p.tests) for p in programs], k=number)
    seconds, ours, different = [], [], 0
    choose = random.Random(seed + 1)
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        for index, program in enumerate(chosen):
            binary = Path(folder) / str(index)
            compile_source(program.source, root, isolation, Limits(), binary)
            which = choose.randrange(len(program.tests))
            started = time.monotonic()
            engine = make_engine("gem5", EngineContext(root, isolation, {"audit": "0", "start_up": "alone"}))
            (run,) = engine.run(binary, [program.tests[which].input], Limits())
            engine.close()  # type: ignore[attr-defined]
            seconds.append(time.monotonic() - started)
            different += run.ticks != program.verdict.tests[which].ticks
            engine = make_engine("gem5", EngineContext(root, isolation, {"audit": "0"}))
            list(engine.run(binary, [b""], Limits()))  # gem5's own start is shared by all programs
            started = time.monotonic()
            runs = list(engine.run(binary, [test.input for test in program.tests], Limits()))
            ours.append((time.monotonic() - started, sum(run.detail["host_microseconds"] for run in runs) / 1e6))
            engine.close()  # type: ignore[attr-defined]
            different += sum(run.ticks != test.ticks for run, test in zip(runs, program.verdict.tests, strict=True))
    return seconds, ours, different


def interval(values: Sequence[float], seed: int) -> tuple[float, float]:
    """95 % interval of the mean, by the percentile bootstrap (Efron 1979)."""
    choose = random.Random(seed)
    means = sorted(statistics.fmean(choose.choices(values, k=len(values))) for _ in range(2000))
    return means[50], means[-51]


def report(shape: str, arguments: argparse.Namespace) -> int:
    """Measure one workload and print it; returns the number of tests whose ticks differ."""
    items = load(arguments.problems, arguments.seed, shape)
    workers = default_workers()
    wall, programs, simulated = run_ours(items, arguments.toolchain, workers)
    right = [program for program in programs if program.verdict.ticks is not None]
    alone, ours, different = run_alone(right, arguments.toolchain, arguments.sample, arguments.seed)
    mean, (low, high) = statistics.fmean(alone), interval(alone, arguments.seed)
    published = sum(program.times * len(program.tests) for program in right)
    distinct = sum(len(tests) for tests in _by_binary(right).values())
    own, pure = (sum(column) for column in zip(*ours, strict=True))
    print(f"\n== {shape}: {len(items)} pairs, {sum(p.times for p in programs)} programs, {len(right)} texts right")
    print(f"one process a test: {published} tests, {mean:.2f} s each (95 % {low:.2f} to {high:.2f}, n={len(alone)})")
    print(
        f"ours: {simulated} tests simulated in {wall:.0f} s on {workers} workers, compilation and native runs included"
    )
    factor = published * mean / workers / wall
    scale = factor / mean
    print(f"throughput on the same workers: {factor:.1f} times (95 % {scale * low:.1f} to {scale * high:.1f})")
    print(f"  of which dedup of equal binaries {published / max(1, distinct):.2f}")
    shared = statistics.fmean(alone) * sum(len(p.tests) for p in right) / len(right) / (own / len(ours))
    print(f"  shared start-up {shared:.2f}; harness over pure simulation {100 * (own / pure - 1):+.1f} %")
    print(f"  parallelism {workers}; programs that fail natively are never simulated, in both ways")
    print(f"ticks different from one process a test: {different}")
    return different


def _by_binary(programs: Sequence[Program]) -> Mapping[tuple[str | None, int], tuple[TestCase, ...]]:
    return {(program.verdict.binary_sha256, hash(program.tests)): program.tests for program in programs}


def main(arguments: Iterable[str] | None = None) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shapes", default="pie,mini", help="comma-separated (default: pie,mini)")
    parser.add_argument("--toolchain", default="paper")
    parser.add_argument("--problems", type=int, default=26, help="problems of pie_mini (default: all)")
    parser.add_argument("--sample", type=int, default=20, help="tests of the published way to time (default: 20)")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(None if arguments is None else list(arguments))
    try:
        different = sum(report(shape, options) for shape in options.shapes.split(","))
    except SandboxError as error:
        print(error, file=sys.stderr)
        return 2
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
