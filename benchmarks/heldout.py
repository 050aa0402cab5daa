"""Times of the bundled split's programs by a real gem5: references that no engine was fitted to.

    PIE_GEM5=... python benchmarks/heldout.py [--programs 4] [--most 6] [--workers N] [--output FILE]

Of each problem the slow program, the fast one and further correct answers of other texts are taken, ``--programs`` in all,
on three of the problem's tests: the one that costs the slow program the fewest instructions, the one that costs it the most
among those at most ``--most`` million above that, and the one nearest to their middle (the engine skylake counts). All are
timed by the engine gem5 in the root ``paper`` and written as a golden file, which ``engine_fidelity.py`` compares engines
with. What is measured is kept in the store: the same command goes on where it was ended.
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
        programs = dict.fromkeys([row.src_code, row.tgt_code, *(code for code in right if code is not None)])
        yield Problem(row.problem_id, tuple(programs)[:most], split.pair(row).tests)


def three_of(tests: Sequence[TestCase], instructions: Mapping[str, int], most: int) -> tuple[TestCase, ...]:
    """The tests that cost least, most within ``most`` instructions of that, and what is nearest to the middle."""
    cost = {test: instructions[test.name] for test in tests}
    least = min(cost.values())
    inside = sorted((test for test in tests if cost[test] <= least + most), key=lambda test: cost[test])
    middle = (least + cost[inside[-1]]) / 2
    between = min(inside, key=lambda test: abs(cost[test] - middle))
    return tuple(dict.fromkeys((inside[0], between, inside[-1])))


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


def rows_of(
    problem_id: str, program: str, tests: Sequence[TestCase], verdict: Verdict
) -> Iterator[dict[str, str | int]]:
    """What is kept of a program: one row for each test that has a time."""
    inputs = {test.name: sha256(test.input) for test in tests}
    for result in verdict.tests:
        if result.ticks is None:
            print(f"{problem_id}, test {result.name}: {verdict.status.value}, {verdict.message}")
            continue
        yield {
            "problem_id": problem_id,
            "source_sha256": sha256(program.encode()),
            "test": result.name,
            "input_sha256": inputs[result.name],
            "ticks": result.ticks,
            "instructions": result.instructions or 0,
        }


def main() -> int:
    """Choose, time and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--programs", type=int, default=4, help="programs of a problem")
    parser.add_argument("--most", type=float, default=6, help="most million instructions above the cheapest test")
    parser.add_argument("--workers", type=int, default=default_workers())
    parser.add_argument("--output", type=Path, default=MINI)
    options = parser.parse_args()
    chosen = list(problems(options.programs))
    slow, _ = judge("skylake", options.workers, [Submission(one.programs[0], one.tests) for one in chosen])
    for problem, verdict in zip(chosen, slow, strict=True):
        if verdict.ticks is None:
            raise SandboxError(f"{problem.problem_id}: the slow program is {verdict.status.value}, {verdict.message}")
    chosen_tests = [
        three_of(
            problem.tests,
            {result.name: result.instructions or 0 for result in verdict.tests},
            round(options.most * MILLION),
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
        row
        for (problem_id, program, tests), verdict in zip(timed, verdicts, strict=True)
        for row in rows_of(problem_id, program, tests, verdict)
    ]
    lines = ",\n".join(json.dumps(row) for row in rows)
    command = f"python benchmarks/heldout.py --programs {options.programs} --most {options.most:g}"
    head = f'"command": {json.dumps(command)},\n"fingerprint": {json.dumps(fingerprint)},\n"runs": [\n'
    options.output.write_text("{" + head + lines + "\n]}\n", encoding="utf-8")
    print(f"{options.output}: {len(rows)} runs of {len(timed)} programs of {len(chosen)} problems")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except SandboxError as error:
        sys.exit(f"heldout: {error}")
