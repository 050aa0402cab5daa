"""How much faster is the engine gem5 than one gem5 process a test, and where does it come from?

In one invocation, on the same gem5 and the same programs, the published driver's way (a gem5 process of its own for every
test of every program that is right natively) is compared with ours, and its ticks are held against ours. The published
way would take hours, so a fixed random sample of its tests is run, with a 95 % interval of the mean (bootstrap). Costs are
processor seconds of everything that either way starts, so other work on the machine and the number of workers hardly
change the factor. The published driver compiles every submission and runs its tests natively before it simulates them, and
so do we with every text; both count. What programs that turn out to be wrong cost after that counts in ours alone. Two
workloads:

* ``pie``: PIE's shape. Programs of ``pie_mini`` with 80 tests each, with inputs as small as PIE's: the problem's own of at
  most 450 bytes (of PIE's public tests 99 % are), with different numbers of line ends behind them, which no program minds.
* ``mini``: ``pie_mini`` and its recorded 8 answers a pair, as it is.

What contributes is printed as factors of work avoided: tests of programs equal after compilation (dedup), tests after a
program's first failure (early stop), start-ups shared among a program's tests; then parallelism, and what gem5's own start
and the harness add to pure simulation time, on the first sampled programs. Needs a gem5 (docs/gem5.md)::

    PIE_GEM5=.../gem5.fast PIE_GEM5_ROOT=... python benchmarks/gem5_throughput.py --toolchain paper --problems 4
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from engine_speed import adopt_orphans, used

from pie_tasks.dataset import load_split
from pie_tasks.generations import BUNDLED, read_generations
from pie_tasks.progress import show_progress
from sandbox.engines import EngineContext
from sandbox.engines.gem5 import Gem5
from sandbox.engines.native import Native
from sandbox.isolation import make_isolation
from sandbox.isolation.base import Isolation
from sandbox.isolation.supervise import tree_usage
from sandbox.scheduler import default_workers
from sandbox.toolchain import ToolchainRoot, compile_source, get_root
from sandbox.types import Limits, Run, SandboxError, TestCase, Verdict
from scorers.evaluate import CHECKERS, Evaluator, Settings
from scorers.extract import extract_code
from scorers.types import Pair

PIE_TESTS = 80
PIE_INPUT_BYTES = 450
SAMPLES = 8
"""Candidates a pair."""

SHARED_SAMPLE = 3
"""Sampled programs of which all tests are also run our way, to see what each costs."""


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
    """:data:`PIE_TESTS` different tests of the small tests' work: every small input with 0, 1, 2 ... further line ends."""
    small = [test for test in tests if len(test.input) <= PIE_INPUT_BYTES]
    grown: dict[bytes, TestCase] = {}
    for ends in range(PIE_TESTS):
        for test in small:
            data = test.input + b"\n" * ends
            grown.setdefault(data, replace(test, name=str(len(grown)), input=data))
    return tuple(grown.values())[:PIE_TESTS]


def load(problems: int, seed: int, shape: str) -> list[tuple[Pair, Sequence[str]]]:
    """Pairs of ``problems`` random problems with their recorded answers."""
    split, answers = load_split("pie_mini"), read_generations(BUNDLED)
    rows = random.Random(seed).sample(split.rows, min(problems, len(split.rows)))
    items: list[tuple[Pair, Sequence[str]]] = []
    for row in rows:
        pair = split.pair(row)
        if shape == "pie":
            pair = replace(pair, tests=many_tests(pair.tests))
        items.append((pair, answers[row.pair_id][:SAMPLES]))
    return items


def cpu_seconds(pid: int) -> float:
    """Processor time of a process and of all that live below it or were waited for; orphans that it adopts are below it."""
    return tree_usage(pid).cpu_ticks / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Ours:
    """Our way on a whole workload.

    Attributes:
        cpu: Processor seconds, compilation and native runs included.
        wall: Seconds.
        programs: The programs, each once.
        simulated: Tests that were simulated.
        native: Native runs.
    """

    cpu: float
    wall: float
    programs: Sequence[Program]
    simulated: int
    native: int


def run_ours(items: Sequence[tuple[Pair, Sequence[str]]], toolchain: str, workers: int, store: Path | None) -> Ours:
    """Judge everything from an empty store, which is kept if it has a name."""
    with tempfile.TemporaryDirectory() as folder:
        store = store or Path(folder) / "store.sqlite"
        settings = Settings(engine="gem5", toolchain=toolchain, workers=workers, store=store)
        with show_progress(items) as report, Evaluator(settings, report) as evaluator:
            started, before = time.monotonic(), cpu_seconds(os.getpid())
            scores = evaluator.evaluate(items)
            wall, cpu = time.monotonic() - started, cpu_seconds(os.getpid()) - before
            progress = evaluator.progress
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
    programs = [Program(*key, verdicts[key], count) for key, count in times.items()]
    return Ours(cpu, wall, programs, progress.timed_runs, progress.native_runs)


@dataclass(frozen=True)
class Sample:
    """A sample of the published way, and our way on some of its programs.

    Attributes:
        alone: Processor seconds of simulating each sampled test.
        compile: Processor seconds of compiling a sampled program, in the mean.
        native: Processor seconds of running a sampled test natively, in the mean.
        shared: Processor seconds of all tests of a program, by our way, of some of the programs.
        pure: Of that, what simulating took.
        tests: How many tests that were.
        different: Tests with other ticks than in our way's run of the whole workload.
    """

    alone: Sequence[float]
    compile: float
    native: float
    shared: float
    pure: float
    tests: int
    different: int


def run_alone(programs: Sequence[Program], toolchain: str, number: int, seed: int) -> Sample:
    """The published way on a random sample of tests: a gem5 process for each."""
    root, isolation = get_root(toolchain), make_isolation("bubblewrap")
    chosen = random.Random(seed).choices(programs, weights=[p.times * len(p.tests) for p in programs], k=number)
    choose = random.Random(seed + 1)
    sampled = [(program, choose.randrange(len(program.tests))) for program in chosen]
    alone, shared, pure, tests, different = [], 0.0, 0.0, 0, 0
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        folder.chmod(0o755)
        before = cpu_seconds(os.getpid())
        for index, (program, _) in enumerate(sampled):
            compile_source(program.source, root, isolation, Limits(), folder / str(index))
        compiled = cpu_seconds(os.getpid())
        for index, (program, which) in enumerate(sampled):
            list(
                Native(EngineContext(root, isolation, {})).run(
                    folder / str(index), [program.tests[which].input], Limits()
                )
            )
        ran = cpu_seconds(os.getpid())
        for index, (program, which) in enumerate(sampled):
            cpu, (run,) = _engine_run(root, isolation, folder / str(index), [program.tests[which]], "alone")
            alone.append(cpu)
            print(f"one process a test, {index + 1} of {number}: {cpu:.2f} CPU seconds", file=sys.stderr, flush=True)
            different += run.ticks != program.verdict.tests[which].ticks
            if index < SHARED_SAMPLE:
                cpu, runs = _engine_run(root, isolation, folder / str(index), program.tests, "shared")
                shared += cpu
                pure += sum(run.detail["host_microseconds"] for run in runs) / 1e6
                tests += len(runs)
                different += sum(run.ticks != test.ticks for run, test in zip(runs, program.verdict.tests, strict=True))
    return Sample(alone, (compiled - before) / number, (ran - compiled) / number, shared, pure, tests, different)


def _engine_run(
    root: ToolchainRoot, isolation: Isolation, binary: Path, tests: Sequence[TestCase], start_up: str
) -> tuple[float, Sequence[Run]]:
    """Processor seconds and runs of one program in a gem5 process of its own."""
    engine = Gem5(EngineContext(root, isolation, {"audit": "0", "start_up": start_up}))
    before = cpu_seconds(os.getpid())
    runs = list(engine.run(binary, [test.input for test in tests], Limits()))
    cpu = cpu_seconds(os.getpid()) - before
    engine.close()
    used()  # what of it still ends would be missing from the next one's
    return cpu, runs


def interval(values: Sequence[float], seed: int) -> tuple[float, float]:
    """95 % interval of the mean, by the percentile bootstrap (Efron 1979)."""
    choose = random.Random(seed)
    means = sorted(statistics.fmean(choose.choices(values, k=len(values))) for _ in range(2000))
    return means[50], means[-51]


def report(shape: str, arguments: argparse.Namespace) -> int:
    """Measure one workload and print it; returns the number of tests whose ticks differ."""
    items = load(arguments.problems, arguments.seed, shape)
    workers = default_workers()
    ours = run_ours(items, arguments.toolchain, workers, arguments.store)
    right = [program for program in ours.programs if program.verdict.ticks is not None]
    published = sum(program.times * len(program.tests) for program in right)
    distinct = sum(len(tests) for tests in _by_binary(right).values())
    submitted = sum(program.times * len(program.tests) for program in ours.programs)
    print(f"\n== {shape}: {len(items)} pairs, {sum(p.times for p in ours.programs)} programs, {len(right)} texts right")
    print(
        f"ours: {ours.simulated} tests simulated in {ours.cpu:.0f} CPU seconds, compilation and native runs included; "
        f"{ours.wall:.0f} s on {workers} workers",
        flush=True,
    )
    sample = run_alone(right, arguments.toolchain, arguments.sample, arguments.seed)
    mean, (low, high) = statistics.fmean(sample.alone), interval(sample.alone, arguments.seed)
    shared = sample.shared / sample.tests
    compiled = sum(program.times for program in ours.programs)
    before = compiled * sample.compile + published * sample.native
    factor, least, most = ((before + published * seconds) / ours.cpu for seconds in (mean, low, high))
    print(
        f"one process a test: {published} tests, {mean:.2f} CPU seconds each "
        f"(95 % {low:.2f} to {high:.2f}, n={len(sample.alone)}); before them {compiled} compilations of "
        f"{sample.compile:.2f} and native runs of {sample.native:.3f}"
    )
    print(f"throughput: {factor:.1f} times (95 % {least:.1f} to {most:.1f})")
    print(f"  of which dedup of equal binaries: {published / max(1, distinct):.2f}")
    print(f"  shared start-up: {mean / shared:.2f} ({shared:.2f} CPU seconds a test, n={sample.tests})")
    print(f"  early stop: {ours.native} native runs of {submitted}; what fails natively is simulated in neither way")
    print(f"  parallelism: {ours.cpu / ours.wall:.2f} processors at work, beside this factor")
    print(f"gem5's start and the harness over pure simulation: {100 * (sample.shared / sample.pure - 1):+.1f} %")
    print(f"ticks different from one process a test: {sample.different} of {len(sample.alone) + sample.tests}")
    return sample.different


def _by_binary(programs: Sequence[Program]) -> Mapping[tuple[str | None, int], tuple[TestCase, ...]]:
    return {(program.verdict.binary_sha256, hash(program.tests)): program.tests for program in programs}


def main(arguments: Iterable[str] | None = None) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shapes", default="pie,mini", help="comma-separated (default: pie,mini)")
    parser.add_argument("--toolchain", default="paper")
    parser.add_argument("--problems", type=int, default=26, help="problems of pie_mini (default: all)")
    parser.add_argument("--sample", type=int, default=20, help="tests of the published way to run (default: 20)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--store", type=Path, help="keep what was measured in this new file, as PIE_STORE of later runs"
    )
    options = parser.parse_args(None if arguments is None else list(arguments))
    if options.store is not None and (options.store.exists() or "," in options.shapes):
        parser.error(
            "--store names a new file, and takes one of the shapes: throughput is measured from an empty store"
        )
    adopt_orphans()  # else what compilers and native runs used is lost with bubblewrap, which doesn't wait for them
    try:
        different = sum(report(shape, options) for shape in options.shapes.split(","))
    except SandboxError as error:
        print(error, file=sys.stderr)
        return 2
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
