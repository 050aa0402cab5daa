"""A reward for reinforcement learning: a response goes in, one number comes out, shaped as the trainer likes it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sandbox.types import SandboxError, Status
from scorers.evaluate import CHECKERS, Evaluator
from scorers.types import CandidateScore, Pair

SHAPES: dict[str, Callable[[float], float]] = {
    "log2": lambda speedup: math.log2(max(1.0, speedup)),
    "linear": lambda speedup: max(1.0, speedup) - 1.0,
    "optimized": lambda speedup: float(speedup >= 1.1),
}
"""What a speedup is worth: 0 for none. ``log2``: 1 for each doubling. ``optimized``: 1 from 1.1 on (%Optimized)."""


@dataclass(frozen=True)
class RewardOptions:
    """How a reward is made of a verdict.

    Attributes:
        correct: For a program that is right, however fast it is.
        weight: Factor of what the speedup is worth.
        shape: One of :data:`SHAPES`.
        max_speedup: Greater speedups are worth no more.
        wrong: For a program that is wrong, crashes or is too slow for the limits.
        partial: Factor of the share of tests passed before the first failure, for wrong programs; added to ``wrong``.
        broken: For a response without code, or code that doesn't compile.
        checker: The checker that says what is right.
    """

    correct: float = 1.0
    weight: float = 1.0
    shape: str = "log2"
    max_speedup: float = 100.0
    wrong: float = 0.0
    partial: float = 0.0
    broken: float = 0.0
    checker: str = CHECKERS[0]

    def __post_init__(self) -> None:
        if self.shape not in SHAPES:
            raise SandboxError(f"unknown shape of a reward {self.shape!r}; choose one of: {', '.join(sorted(SHAPES))}")
        if self.checker not in CHECKERS:
            raise SandboxError(f"unknown checker {self.checker!r}; choose one of: {', '.join(CHECKERS)}")


@dataclass(frozen=True)
class Reward:
    """What a response earned.

    Attributes:
        value: The reward.
        correct: Whether the program is right.
        speedup: Source time / program time; 1.0 where it is wrong or either has no finite time.
        status: How it ended.
        message: One line for people.
        flags: Suspicions about the program (:mod:`scorers.flags`); the value doesn't depend on them.
    """

    value: float
    correct: bool
    speedup: float
    status: Status
    message: str
    flags: tuple[str, ...] = ()


def reward(evaluator: Evaluator, pair: Pair, response: str, options: RewardOptions = RewardOptions()) -> Reward:
    """The reward of one response; see :func:`rewards`."""
    return rewards(evaluator, [(pair, response)], options)[0]


def rewards(
    evaluator: Evaluator,
    items: Sequence[tuple[Pair, str]],
    options: RewardOptions = RewardOptions(),
) -> list[Reward]:
    """The rewards of many responses, in their order, measured in one pool; equal programs are measured once.

    Args:
        evaluator: What measures. Keep it for the whole training: its store answers what was measured before.
        items: Pairs with a response each.
        options: How a reward is made.

    Raises:
        SandboxError: Something outside the programs failed, after retries. It is never a reward.
    """
    order: dict[str, tuple[Pair, list[int]]] = {}
    for index, (pair, _) in enumerate(items):
        order.setdefault(pair.pair_id, (pair, []))[1].append(index)
    scores = evaluator.evaluate([(pair, [items[index][1] for index in indices]) for pair, indices in order.values()])
    earned: dict[int, Reward] = {}
    for (pair, indices), score in zip(order.values(), scores, strict=True):
        for index, candidate in zip(indices, score.candidates, strict=True):
            earned[index] = shaped(candidate, len(pair.tests), options)
    return [earned[index] for index in range(len(items))]


def shaped(candidate: CandidateScore, tests: int, options: RewardOptions) -> Reward:
    """The reward of a scored candidate.

    Args:
        candidate: Its verdicts and speedups.
        tests: Number of tests of its pair.
        options: How a reward is made.
    """
    verdict = candidate.verdicts[options.checker]
    speedup = candidate.speedups[options.checker]
    if verdict.correct:
        value = options.correct + options.weight * SHAPES[options.shape](min(speedup, options.max_speedup))
    elif verdict.status in (Status.NO_CODE, Status.COMPILE_ERROR):
        value = options.broken
    else:
        passed = sum(test.status is Status.ACCEPTED for test in verdict.tests)
        value = options.wrong + options.partial * passed / tests
    return Reward(value, verdict.correct, speedup, verdict.status, verdict.message, candidate.flags)
