"""The published aggregate, to the last digit, from the published columns.

What a model's run is worth here follows the arithmetic of ``report_results`` in the evaluation script that was published
with the paper (github.com/LearningOpt/pie), not only its intention:

- times are float seconds; speedup = max(1, source / best) where anything undefined (NaN) becomes 1;
- an infinite source time against a finite best one is an infinite speedup, and makes the mean infinite;
- a candidate that was never run (empty code) has NaN for accuracy and time and loses against every other one, except in
  the problem's fastest time: there the candidates of a pair go through Python's ``min``, so a NaN in front hides the rest;
- pairs without any result count in the denominator with speedup 1, incorrect, accuracy 0; but "over all submissions" they
  count as correct where another pair of their problem is;
- means are numpy's (pairwise summation), and a mean over a column with NaN is over the rest of the column.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import inf, isnan, nan

import numpy as np

from scorers.metrics.best_at_k import THRESHOLDS


@dataclass(frozen=True)
class PublishedCandidate:
    """A generated program's columns.

    Attributes:
        accuracy: Mean share of right lines over tests, or NaN if it was never run.
        seconds: ``agg_runtime``: simulated time over all tests, infinite if a simulation failed; NaN if never run.
    """

    accuracy: float
    seconds: float


MISSING = PublishedCandidate(nan, nan)
"""A candidate without code."""


@dataclass(frozen=True)
class PublishedPair:
    """A row: a pair with its times in seconds and its candidates, equally many in all rows."""

    problem_id: str
    source_seconds: float
    target_seconds: float
    candidates: tuple[PublishedCandidate, ...]


def published_aggregate(
    pairs: Sequence[PublishedPair],
    *,
    absent: Iterable[str] = (),
    threshold_accuracy: float = 1.0,
) -> dict[str, float]:
    """The published figures under their published names.

    Args:
        pairs: The rows with results, in the order of the result file.
        absent: Problems of the reference file's pairs that have no results, one for each such pair; they count in the
            fixed denominator.
        threshold_accuracy: Least accuracy of a correct program.

    Raises:
        ValueError: There are no pairs.
    """
    if not pairs:
        raise ValueError("no pairs to aggregate")
    generations = len(pairs[0].candidates)
    # The reference file names its times otherwise, so an absent pair has none, and all its ratios are undefined.
    gone = tuple([PublishedCandidate(0.0, inf)] * generations)
    rows = [*pairs, *(PublishedPair(problem_id, nan, nan, gone) for problem_id in absent)]
    times = [[_adjusted(one, threshold_accuracy) for one in row.candidates] for row in rows]
    fastest = _over_all(rows, times)
    all_speedups = [_speedup(row.source_seconds, best) for row, best in zip(rows, fastest, strict=True)]
    figures = {
        "fastest_generated_correctness_over_all_submissions": _mean(float(best < inf) for best in fastest),
        "fastest_generated_speedup_over_all_submissions": _mean(all_speedups),
    }
    for k in range(1, generations + 1):
        accuracies = [_ignoring_nan(max, [one.accuracy for one in row.candidates[:k]]) for row in rows]
        bests = [_ignoring_nan(min, row[:k]) for row in times]
        speedups = [_speedup(row.source_seconds, best) for row, best in zip(rows, bests, strict=True)]
        figures[f"mean_accuracy_best@{k}"] = _mean(accuracies)
        figures[f"is_correct_best@{k}"] = _mean(float(one == threshold_accuracy) for one in accuracies)
        figures[f"mean_speedup_best@{k}"] = _mean(speedups)
        figures |= _shares(f"percent_programs_speedup_best@{k}", speedups)
    human = [_divide(row.source_seconds, row.target_seconds) for row in rows]
    figures["mean_speedup_tgt_over_src"] = _mean(human)
    figures |= _shares("percent_programs_speedup_tgt_over_src", human)
    figures |= _shares("percent_programs_speedup_fastest_generated_over_src", all_speedups)
    return figures


def _adjusted(candidate: PublishedCandidate, threshold_accuracy: float) -> float:
    return inf if candidate.accuracy < threshold_accuracy else candidate.seconds


def _over_all(pairs: Sequence[PublishedPair], times: Sequence[Sequence[float]]) -> list[float]:
    fastest: dict[str, list[float]] = {}
    for pair, candidates in zip(pairs, times, strict=True):
        fastest.setdefault(pair.problem_id, []).append(min(candidates))
    best = {problem: _ignoring_nan(min, one) for problem, one in fastest.items()}
    return [best[pair.problem_id] for pair in pairs]


def _speedup(source: float, best: float) -> float:
    ratio = _divide(source, best)
    return ratio if ratio > 1.0 else 1.0


def _divide(numerator: float, denominator: float) -> float:
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(np.divide(np.float64(numerator), np.float64(denominator)))


def _ignoring_nan(choose: Callable[[list[float]], float], values: Sequence[float]) -> float:
    numbers = [value for value in values if not isnan(value)]
    return choose(numbers) if numbers else nan


def _mean(values: Iterable[float]) -> float:
    column = np.array(list(values), dtype=np.float64)
    known = ~np.isnan(column)
    return float(np.where(known, column, 0.0).sum() / known.sum())


def _shares(name: str, speedups: Sequence[float]) -> dict[str, float]:
    return {f"{name}>=speedup_threshold_{one}": _mean(float(value >= one) for value in speedups) for one in THRESHOLDS}
