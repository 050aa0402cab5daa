"""best@k: the fastest of the first k candidates, as published, and its unbiased estimate from n candidates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb

from scorers.types import PairScore

OPTIMIZED_SPEEDUP = 1.1
"""Least speedup of an optimized program."""

THRESHOLDS = (1.1, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0, 4.0, 5.0, 10.0)
"""The speedups at which the published script counts programs."""


@dataclass(frozen=True)
class Values:
    """What a pair's candidates are worth under one checker, in the order they were sampled.

    Attributes:
        speedups: Source time / candidate time, at least 1; 1 where the candidate is wrong or has no finite time.
        correct: Whether each is correct.
    """

    speedups: tuple[float, ...]
    correct: tuple[bool, ...]


def pair_values(score: PairScore, checker: str = "pie_compat") -> Values:
    """The candidates' values; no figure is made of anything else."""
    return Values(
        tuple(max(1.0, candidate.speedups[checker]) for candidate in score.candidates),
        tuple(candidate.verdicts[checker].correct for candidate in score.candidates),
    )


def best_speedup(score: PairScore, k: int, checker: str = "pie_compat") -> float:
    """Speedup of the fastest correct one of the first ``k`` candidates, at least 1.

    Raises:
        ValueError: ``k`` isn't between 1 and the number of candidates.
    """
    _check_k(k, len(score.candidates))
    return max(pair_values(score, checker).speedups[:k])


def pair_metrics(score: PairScore, k: int, checker: str = "pie_compat") -> dict[str, float]:
    """A pair's published figures at ``k``.

    Returns:
        ``speedup`` (at least 1), ``correct`` and ``optimized`` (0 or 1), ``optimized>=2x`` and so on for all
        :data:`THRESHOLDS`.

    Raises:
        ValueError: As :func:`best_speedup`.
    """
    _check_k(k, len(score.candidates))
    values = pair_values(score, checker)
    best = max(values.speedups[:k])
    return {
        "speedup": best,
        "correct": float(any(values.correct[:k])),
        "optimized": float(best >= OPTIMIZED_SPEEDUP),
        **{f"optimized>={threshold:g}x": float(best >= threshold) for threshold in THRESHOLDS},
    }


def unbiased_metrics(score: PairScore, k: int, checker: str = "pie_compat") -> dict[str, float]:
    """The expectation of :func:`pair_metrics` over all choices of ``k`` among the pair's candidates; same keys.

    Raises:
        ValueError: As :func:`best_speedup`.
    """
    values = pair_values(score, checker)
    speedups = values.speedups
    return {
        "speedup": unbiased(speedups, k),
        "correct": unbiased([float(one) for one in values.correct], k),
        "optimized": unbiased([float(one >= OPTIMIZED_SPEEDUP) for one in speedups], k),
        **{
            f"optimized>={threshold:g}x": unbiased([float(one >= threshold) for one in speedups], k)
            for threshold in THRESHOLDS
        },
    }


def unbiased(values: Sequence[float], k: int) -> float:
    """Mean over all subsets of ``k`` values of the subset's maximum.

    The i-th smallest of n values is the maximum of C(i-1, k-1) of the C(n, k) subsets. For values of 0 and 1 this is
    the pass@k of Chen et al., Evaluating Large Language Models Trained on Code (2021).

    Raises:
        ValueError: ``k`` isn't between 1 and the number of values.
    """
    n = len(values)
    _check_k(k, n)
    subsets = comb(n, k)
    return sum(comb(i, k - 1) / subsets * value for i, value in enumerate(sorted(values)) if i >= k - 1)


def distinct_samples(texts: Sequence[str]) -> int:
    """How many different responses a pair really got; fewer than asked for where a model or a cache repeats itself."""
    return len(set(texts))


def _check_k(k: int, candidates: int) -> None:
    if not 1 <= k <= candidates:
        raise ValueError(f"best@{k} needs at least 1 and has at most {candidates} candidates")
