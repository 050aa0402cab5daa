"""What new programs start from: seed problems, whose inputs they read and whose programs a model is shown."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from pie_tasks.dataset import PieRow, Split
from pie_tasks.selfplay.inputs import InputGrammar
from sandbox.types import SandboxError


@dataclass(frozen=True)
class Seed:
    """A problem whose inputs new programs read.

    Attributes:
        problem_id: The problem.
        code: Its fastest program, which the model is shown.
        inputs: Inputs on which programs are compared: some of the problem's own, then generated ones.
        own: How many of them are the problem's own.
    """

    problem_id: str
    code: str
    inputs: tuple[bytes, ...]
    own: int


def fastest_programs(split: Split) -> dict[str, str]:
    """Problem -> its fastest program among the split's targets, by recorded time, tag or speedup."""
    best: dict[str, PieRow] = {}
    for row in split.rows:
        known = best.get(row.problem_id)
        if known is None or _goodness(row) > _goodness(known):
            best[row.problem_id] = row
    return {problem: row.tgt_code for problem, row in sorted(best.items())}


def choose_seeds(split: Split, count: int, inputs: int, seed: int) -> list[Seed]:
    """``count`` problems with ``inputs`` inputs each, half of them generated; the same for the same seed.

    Raises:
        SandboxError: The split has no tests.
    """
    programs = fastest_programs(split)
    names = sorted(programs)
    random.Random(seed).shuffle(names)
    seeds: list[Seed] = []
    for problem in names:
        if len(seeds) == count:
            break
        try:
            tests = split.folder.load(problem)
        except SandboxError:
            continue  # many training problems have no tests; another one takes its place
        own = list(dict.fromkeys(test.input for test in tests))[: max(1, inputs // 2)]
        made = InputGrammar([test.input for test in tests]).make(inputs - len(own), seed)
        seeds.append(Seed(problem, programs[problem], (*own, *made), len(own)))
    if not seeds:
        raise SandboxError(f"split {split.name} has no problem with tests to start from")
    return seeds


def common_inputs(seeds: Sequence[Seed]) -> tuple[bytes, ...]:
    """The set of inputs on which all programs are compared."""
    return tuple(dict.fromkeys(data for seed in seeds for data in seed.inputs))


def _goodness(row: PieRow) -> tuple[float, float, float]:
    return (-(row.tgt_agg_runtime or float("inf")), float(row.perf_tag or 0), row.speedup or 0.0)
