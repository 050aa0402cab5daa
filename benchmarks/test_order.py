"""In which order should a program's tests be run, so that a wrong one is found out soon?

    python benchmarks/test_order.py [--programs 300] [--data ../shared/data]

Runs programs natively on all of their tests: the recorded answers of the bundled split and, where ``--data`` has them, real
outputs of GPT-4 (a fixed random choice of ``--programs`` of both). For each order it prints how long the programs that fail
would run until their first failure, and how that changes the whole (compilation, and all runs of right programs, which no
order changes). ``soonest`` is what no order can beat: of each program, the failing test that takes least.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from pie_fidelity import public_tests
from throughput import is_right, mini_items, programs_of

from sandbox.scheduler import DEFAULT_ENGINE, DEFAULT_TOOLCHAIN, SandboxConfig, default_workers
from sandbox.scheduler.config import Bench, open_bench
from sandbox.toolchain import compile_source
from sandbox.types import SandboxError, TestCase

SEED = 7


@dataclass(frozen=True)
class Program:
    """A program to run, and the problem whose tests it must pass."""

    problem_id: str
    source: str
    tests: tuple[TestCase, ...]


@dataclass(frozen=True)
class Ran:
    """How a program did.

    Attributes:
        problem_id: Its problem.
        sizes: Bytes of each test's input.
        seconds: Wall-clock time of each test.
        passed: Whether each test was passed.
        compiling: Seconds of its compilation.
    """

    problem_id: str
    sizes: tuple[int, ...]
    seconds: tuple[float, ...]
    passed: tuple[bool, ...]
    compiling: float


Rejections = Mapping[str, Counter[int]]
"""Problem -> test -> how many programs it rejected."""

Order = Callable[[Ran, Rejections], Sequence[int]]


def _telling(ran: Ran, rejections: Rejections) -> Sequence[int]:
    """Tests that rejected most other programs of the problem first."""
    others = Counter(rejections[ran.problem_id])
    others.subtract(index for index, passed in enumerate(ran.passed) if not passed)
    return sorted(range(len(ran.passed)), key=lambda index: (-others[index], index))


ORDERS: Mapping[str, Order] = {
    "data set": lambda ran, _: range(len(ran.passed)),
    "smallest input first": lambda ran, _: sorted(range(len(ran.passed)), key=lambda index: (ran.sizes[index], index)),
    "largest input first": lambda ran, _: sorted(range(len(ran.passed)), key=lambda index: (-ran.sizes[index], index)),
    "most telling first": _telling,
}


def mini_programs() -> Iterator[Program]:
    """All sources and answers of the bundled split."""
    for pair, source in programs_of(mini_items(26, 8)):
        if source is not None:
            yield Program(pair.problem_id, source, tuple(pair.tests))


def real_programs(data: Path) -> Iterator[Program]:
    """Real outputs of GPT-4 for problems with public tests."""
    path = data / "llm_outputs_gpt4.jsonl"
    if not path.is_file():
        print(f"{path} isn't there; only the bundled split is run", file=sys.stderr)
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        tests = tuple(test for test in public_tests(data, row["problem_id"]) if test.expected.strip())
        for source in row["generated_answers"] if tests else ():
            yield Program(row["problem_id"], source, tests)


def measure(bench: Bench, program: Program, folder: Path) -> Ran | None:
    """Run ``program`` on all tests; ``None`` if it doesn't compile."""
    limits = bench.config.limits
    with tempfile.TemporaryDirectory(dir=folder) as temporary:
        Path(temporary).chmod(0o755)
        binary = Path(temporary) / "prog"
        started = time.perf_counter()
        if not compile_source(program.source, bench.root, bench.isolation, limits, binary).ok:
            return None
        marks = [time.perf_counter()]
        passed = []
        runs = bench.native.run(binary, [test.input for test in program.tests], limits)
        for test, run in zip(program.tests, runs, strict=True):
            marks.append(time.perf_counter())
            passed.append(is_right(bench, test, run))
    return Ran(
        program.problem_id,
        tuple(len(test.input) for test in program.tests),
        tuple(after - before for before, after in pairwise(marks)),
        tuple(passed),
        marks[0] - started,
    )


def until_failure(ran: Ran, order: Sequence[int]) -> float:
    """Seconds until the first failure in ``order``."""
    spent = 0.0
    for index in order:
        spent += ran.seconds[index]
        if not ran.passed[index]:
            break
    return spent


def report(programs: Sequence[Ran]) -> None:
    """Print a line for each order."""
    failing = [ran for ran in programs if not all(ran.passed)]
    rejections: dict[str, Counter[int]] = defaultdict(Counter)
    for ran in failing:
        rejections[ran.problem_id].update(index for index, passed in enumerate(ran.passed) if not passed)
    rest = sum(ran.compiling for ran in programs) + sum(sum(ran.seconds) for ran in programs if all(ran.passed))
    first = sum(not ran.passed[0] for ran in failing)
    print(f"{len(programs)} programs compile, {len(failing)} fail, {first} of them on the first test of the data set")
    print(f"compilation, and the native runs of right programs: {rest:.1f} s")
    totals = {
        name: sum(until_failure(ran, order(ran, rejections)) for ran in failing) for name, order in ORDERS.items()
    }
    totals["soonest"] = sum(
        min(seconds for seconds, passed in zip(ran.seconds, ran.passed, strict=True) if not passed) for ran in failing
    )
    base = totals["data set"]
    print(f"{'order':24}{'seconds':>9}{'of data set':>13}{'of the whole':>14}")
    for name, seconds in totals.items():
        whole = (rest + seconds) / (rest + base)
        print(f"{name:24}{seconds:9.1f}{seconds / base:13.3f}{whole:14.3f}")


def main() -> int:
    """Run the programs and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--programs", type=int, default=300)
    parser.add_argument("--data", type=Path, default=Path(__file__).resolve().parents[2] / "shared" / "data")
    arguments = parser.parse_args()
    programs = [*mini_programs(), *real_programs(arguments.data)]
    chosen = random.Random(SEED).sample(programs, min(arguments.programs, len(programs)))
    bench = open_bench(SandboxConfig(engine=DEFAULT_ENGINE, toolchain=DEFAULT_TOOLCHAIN))
    with tempfile.TemporaryDirectory(prefix="pie-order-") as temporary, ThreadPoolExecutor(default_workers()) as pool:
        Path(temporary).chmod(0o755)
        ran = []
        for number, one in enumerate(pool.map(lambda program: measure(bench, program, Path(temporary)), chosen), 1):
            ran += [one] if one else []
            print(f"\r{number} of {len(chosen)} programs", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    report(ran)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except SandboxError as error:
        sys.exit(f"test_order: {error}")
