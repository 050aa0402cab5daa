"""Make a synthetic copy of the official PIE files: their names, their columns, their layout of tests; our own problems.

    python tools/synthetic_official/make.py OUT [--problems 200] [--tests 100] [--seed 0]

OUT then holds ``test.jsonl``, ``val.jsonl``, ``train.jsonl``, ``train_hq_only.jsonl``, ``train_hq_and_synthetic.jsonl``,
``merged_test_cases.tar.gz``, ``public_test_cases/``, and ``generations.jsonl``: eight answers for each pair of the test
split, for the replay models. Recorded times are made up (slow, better and fast programs have fixed costs); programs and
tests are real and agree.
"""

from __future__ import annotations

import argparse
import io
import json
import random
import tarfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from families import TEST_FAMILIES, TRAINING_FAMILIES, VALIDATION_FAMILIES, Problem, Test

SPLITS = {"test": (0.05, TEST_FAMILIES), "val": (0.075, VALIDATION_FAMILIES), "train": (1.0, TRAINING_FAMILIES)}
"""Split -> share of the problems (``train`` has the rest), and its families."""

COSTS = (1.05e-3, 6.1e-4, 1.95e-4)
"""Made-up seconds a test of the slow, the better and the fast program."""

HQ_PAIRS = 4
SYNTHETIC_PROBLEMS = 5
PUBLIC_TESTS = 2


@dataclass(frozen=True)
class Made:
    """A problem with its name, programs' ids and tests."""

    problem_id: str
    problem: Problem
    ids: tuple[str, str, str]
    tests: list[Test]

    def seconds(self, program: int) -> float:
        """Made-up seconds of a program over all tests."""
        return round(COSTS[program] * len(self.tests), 10)


def main() -> None:
    """Write the files."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--problems", type=int, default=200)
    parser.add_argument("--tests", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    out: Path = arguments.out
    out.mkdir(parents=True, exist_ok=True)
    made = make_problems(arguments.problems, arguments.tests, random.Random(arguments.seed))
    train = [row for problem in made["train"] for row in training_rows(problem)]
    hq = [row for problem in made["train"] for row in training_rows(problem)[:HQ_PAIRS]]
    synthetic = [
        {**row, "problem_id": f"synthetic_{row['problem_id']}"}
        for problem in made["synthetic"]
        for row in training_rows(problem)[:1]
    ]
    write_rows(out / "train.jsonl", train)
    write_rows(out / "train_hq_only.jsonl", hq)
    write_rows(out / "train_hq_and_synthetic.jsonl", [*hq, *synthetic])
    write_rows(out / "val.jsonl", [row for problem in made["val"] for row in validation_rows(problem)])
    test_rows = [row for problem in made["test"] for row in scored_rows(problem)]
    write_rows(out / "test.jsonl", test_rows)
    write_rows(out / "generations.jsonl", [answers(problem) for problem in made["test"]])
    everything = [problem for split in ("test", "val", "train") for problem in made[split]]
    write_tests(out, everything)
    print(f"{out}: {len(everything)} problems, {len(train)} training pairs, {len(test_rows)} test pairs")


def make_problems(problems: int, tests: int, rng: random.Random) -> dict[str, list[Made]]:
    """Split -> its problems, and ``synthetic`` ones that stand for self-play."""
    made: dict[str, list[Made]] = {}
    number = 0
    left = problems
    for split, (share, families) in SPLITS.items():
        count = min(left, max(1, round(share * problems))) if split != "train" else left
        left -= count
        made[split] = []
        for i in range(count):
            number += 1
            made[split].append(make_problem(f"p{number:05}", families[i % len(families)](rng), tests, rng))
    made["synthetic"] = [
        make_problem(f"p{number + i + 1:05}", TRAINING_FAMILIES[i % len(TRAINING_FAMILIES)](rng), tests, rng)
        for i in range(SYNTHETIC_PROBLEMS)
    ]
    return made


def make_problem(problem_id: str, problem: Problem, tests: int, rng: random.Random) -> Made:
    """One problem with its tests."""
    ids = [f"s{rng.randrange(10**9):09}" for _ in problem.programs]
    return Made(problem_id, problem, (ids[0], ids[1], ids[2]), [problem.make_test(rng) for _ in range(tests)])


def core(made: Made, slow: int, fast: int) -> dict[str, Any]:
    """The columns that every split has."""
    return {
        "src_id": made.ids[slow],
        "tgt_id": made.ids[fast],
        "src_agg_runtime": made.seconds(slow),
        "tgt_agg_runtime": made.seconds(fast),
        "problem_id": made.problem_id,
        "src_code": made.problem.programs[slow],
        "tgt_code": made.problem.programs[fast],
        "fastest_agg_runtime": made.seconds(2),
    }


def training_rows(made: Made) -> list[dict[str, Any]]:
    """The 15 columns of the training files; the pair with the greatest speedup first."""
    rows = []
    for slow, fast in ((0, 2), (1, 2), (0, 1)):
        row = core(made, slow, fast)
        speedup = round(row["src_agg_runtime"] / row["tgt_agg_runtime"], 10)
        near = {"target_reward": fast, "src_reward": slow}
        rows.append(
            {
                **row,
                "speedup": speedup,
                **{name: round(made.seconds(2) / made.seconds(program), 10) for name, program in near.items()},
                "src_status": "Accepted",
                "tgt_status": "Accepted",
                "user_id": f"u{made.ids[slow][1:]}",
                "speedup_v2": speedup,
            }
        )
    return rows


def validation_rows(made: Made) -> list[dict[str, Any]]:
    """The 18 columns of ``val.jsonl``."""
    rows = []
    for row in training_rows(made):
        kept = {name: value for name, value in row.items() if name not in ("user_id", "speedup_v2")}
        bins = {1.0: 10}
        rows.append(
            {
                **kept,
                "fastest_agg_runtime_updated": row["fastest_agg_runtime"],
                "target_reward_updated": row["target_reward"],
                "src_reward_updated": row["src_reward"],
                "target_reward_updated_pct_bin": bins.get(row["target_reward"], 3),
                "src_reward_updated_pct_bin": bins.get(row["src_reward"], 3),
            }
        )
    return rows


def scored_rows(made: Made) -> list[dict[str, Any]]:
    """The 33 columns of ``test.jsonl``; one pair, the slow program against the better one."""
    slow, better, fast = range(3)
    names = [str(i) for i in range(len(made.tests))]
    source, target, fastest = made.problem.programs
    seconds = [made.seconds(program) for program in (slow, better, fast)]
    times = [dict.fromkeys(names, cost) for cost in COSTS]
    row = core(made, slow, better)
    return [
        {
            "tests": names,
            **row,
            "test_compilation": True,
            "tgt_code_compilation": True,
            "src_code_compilation": True,
            "fastest_code_compilation": True,
            "src_code_accuracy": 1,
            "tgt_code_accuracy": 1,
            "test_accuracy": 1,
            "fastest_code_accuracy": 1.0,
            "src_code_runtime": seconds[slow],
            "tgt_code_runtime": seconds[better],
            "fastest_code_runtime": seconds[fast],
            "test_agg_runtime": seconds[slow],
            "src_code_tc2time": times[slow],
            "tgt_code_tc2time": times[better],
            "fastest_code_tc2time": times[fast],
            "fastest_code": fastest,
            "fastest_code_len": len(fastest),
            "n_tests": len(names),
            "submission_id_v0": row["src_id"],
            "submission_id_v1": row["tgt_id"],
            "language": "cpp",
            "input": source,
            "target": target,
            "src_tgt_code": source + target,
        }
    ]


def answers(made: Made) -> dict[str, Any]:
    """Eight answers about a test pair: right ones of each speed, a wrong one, and one that doesn't compile."""
    slow, better, fast = made.problem.programs
    wrong = fast.replace("printf(", 'puts("?"); printf(', 1)
    texts = [slow, wrong, better, fast.replace(";", "", 1), better, fast, slow, wrong]
    return {
        "task_id": f"{made.problem_id}_{made.ids[0]}_{made.ids[1]}",
        "generated_answers": [f"```cpp\n{text}```" for text in texts],
    }


def write_rows(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    """Write JSON lines."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def write_tests(out: Path, problems: Iterable[Made]) -> None:
    """Write the merged test cases as an archive and the first of each problem as a folder."""
    with tarfile.open(out / "merged_test_cases.tar.gz", "w:gz", compresslevel=1) as archive:
        for made in problems:
            for number, test in enumerate(made.tests):
                for kind, text in zip(("input", "output"), test, strict=True):
                    data = text.encode()
                    member = tarfile.TarInfo(f"merged_test_cases/{made.problem_id}/{kind}.{number}.txt")
                    member.size = len(data)
                    archive.addfile(member, io.BytesIO(data))
                    if number < PUBLIC_TESTS:
                        folder = out / "public_test_cases" / made.problem_id
                        folder.mkdir(parents=True, exist_ok=True)
                        (folder / f"{kind}.{number}.txt").write_bytes(data)


if __name__ == "__main__":
    main()
