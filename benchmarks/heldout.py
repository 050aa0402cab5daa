"""Times of the bundled split's programs by a real gem5: references that no engine was fitted to.

    PIE_GEM5=... python benchmarks/heldout.py [--programs 4] [--tests 3] [--most 6] [--workers N] [--output FILE]

Of each problem the slow program and its correct recorded answers of other texts are taken, ``--programs`` in all, on
``--tests`` of the problem's tests: the one that costs the slow program the fewest instructions, the one that costs it the
most among those at most ``--most`` million above that, and those nearest to equal steps between (the engine skylake
counts). All are timed by the engine gem5 in the root ``paper`` and written as a golden file, which ``engine_fidelity.py``
compares engines with. What is measured is kept in the store: the same command goes on where it was ended, and costs nothing
after ``gem5_throughput.py --shapes mini --store FILE``, with ``PIE_STORE=FILE``.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine_fidelity import MINI
from throughput import CHECKER, recorded_answers

from pie_tasks.dataset import load_split
from sandbox.paths import default_cache
from sandbox.scheduler import SandboxConfig, Scheduler, default_store, default_workers
from sandbox.types import SandboxError, Submission, TestCase, Verdict, sha256
from scorers.extract import extract_code

CORRECT = ("faster", "same", "slower")
MILLION = 1_000_000


@dataclass(frozen=True)
class Problem:
    """What is timed of one problem.

    Attributes:
        problem_id: Its name.
        programs: Source texts, the slow one first.
        tests: All its tests.
    """

    problem_id: str
    programs: tuple[str, ...]
    tests: tuple[TestCase, ...]


def problems(most: int) -> Iterator[Problem]:
    """Each problem of the split with at most ``most`` of its correct programs."""
    split, answers = load_split("pie_mini"), recorded_answers(None)
    for row in split.rows:
        right = [extract_code(text, row.src_code) for kind, text in answers[row.pair_id] if kind in CORRECT]
        programs = dict.fromkeys([row.src_code, *(code for code in right if code is not None)])
        yield Problem(row.problem_id, tuple(programs)[:most], split.pair(row).tests)


def spread(tests: Sequence[TestCase], instructions: Mapping[str, int], most: float, count: int) -> tuple[TestCase, ...]:
    """At most ``count`` tests, at equal steps from the cheapest to the dearest within ``most`` instructions of it."""
    cost = {test: instructions[test.name] for test in tests}
    least = min(cost.values())
    inside = sorted((test for test in tests if cost[test] <= least + most), key=lambda test: cost[test])
    step = (cost[inside[-1]] - least) / (count - 1)
    wanted = [least + number * step for number in range(count)]
    return tuple(dict.fromkeys(min(inside, key=lambda test: abs(cost[test] - one)) for one in wanted))


def judge(engine: str, workers: int, submissions: Sequence[Submission]) -> tuple[list[Verdict], Mapping[str, str]]:
    """Verdicts in order, and what decides their times."""
    config = SandboxConfig(
        engine=engine,
        toolchain="paper",
        checkers=(CHECKER,),
        store=default_store().absolute(),
        cache=default_cache().absolute(),
    )
    verdicts = []
    with Scheduler(config, workers) as scheduler:
        futures = [scheduler.submit(submission) for submission in submissions]
        for number, future in enumerate(futures, 1):
            verdicts.append(future.result()[CHECKER])
            print(f"\r{engine}: {number} of {len(futures)} programs", end="", file=sys.stderr, flush=True)
        print(file=sys.stderr)
        return verdicts, dict(scheduler.bench.fingerprint)


def row_of(problem_id: str, program: str, verdict: Verdict) -> dict[str, object]:
    """What is kept of a program: ticks and instructions of each test that has a time."""
    timed = {result.name: [result.ticks, result.instructions] for result in verdict.tests if result.ticks is not None}
    if len(timed) < len(verdict.tests):
        print(f"{problem_id}: {verdict.status.value}, {verdict.message}")
    return {"problem_id": problem_id, "source_sha256": sha256(program.encode()), "tests": timed}


def main() -> int:
    """Choose, time and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--programs", type=int, default=4, help="programs of a problem")
    parser.add_argument("--tests", type=int, default=3, help="tests of a problem, at least 2")
    parser.add_argument("--most", type=float, default=6, help="most million instructions above the cheapest test")
    parser.add_argument("--workers", type=int, default=default_workers())
    parser.add_argument("--output", type=Path, default=MINI)
    options = parser.parse_args()
    if options.tests < 2:
        parser.error("--tests is at least 2: the cheapest test and the dearest")
    chosen = list(problems(options.programs))
    slow, _ = judge("skylake", options.workers, [Submission(one.programs[0], one.tests) for one in chosen])
    for problem, verdict in zip(chosen, slow, strict=True):
        if verdict.ticks is None:
            raise SandboxError(f"{problem.problem_id}: the slow program is {verdict.status.value}, {verdict.message}")
    chosen_tests = [
        spread(
            problem.tests,
            {result.name: result.instructions or 0 for result in verdict.tests},
            options.most * MILLION,
            options.tests,
        )
        for problem, verdict in zip(chosen, slow, strict=True)
    ]
    timed = [
        (problem.problem_id, program, tests)
        for problem, tests in zip(chosen, chosen_tests, strict=True)
        for program in problem.programs
    ]
    verdicts, fingerprint = judge("gem5", options.workers, [Submission(program, tests) for _, program, tests in timed])
    rows = [
        row_of(problem_id, program, verdict) for (problem_id, program, _), verdict in zip(timed, verdicts, strict=True)
    ]
    inputs = {
        problem.problem_id: {test.name: sha256(test.input) for test in tests}
        for problem, tests in zip(chosen, chosen_tests, strict=True)
    }
    command = f"benchmarks/heldout.py --programs {options.programs} --tests {options.tests} --most {options.most:g}"
    parts = {"command": f"python {command}", "fingerprint": fingerprint, "input_sha256": inputs}
    head = ",\n".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in parts.items())
    lines = ",\n".join(map(json.dumps, rows))
    options.output.write_text(f'{{{head},\n"programs": [\n{lines}\n]}}\n', encoding="utf-8")
    print(f"{options.output}: {sum(map(len, chosen_tests))} tests of {len(chosen)} problems, {len(timed)} programs")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except SandboxError as error:
        sys.exit(f"heldout: {error}")
