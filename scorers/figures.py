"""The figures that stand in result tables, as one value a pair.

Almost every figure is the plain mean over pairs of a value that each pair has, so a framework that only knows means, our
own command line, and a reader with a result file all arrive at the same number. The others say what they are made of.
Names: :mod:`scorers.metrics.names`.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from scorers.flags import flag_counts
from scorers.metrics import (
    OPTIMIZED_SPEEDUP,
    THRESHOLDS,
    Estimate,
    best_over_all,
    cluster_bootstrap,
    distinct_samples,
    figure_name,
    pair_metrics,
    unbiased_metrics,
)
from scorers.metrics.names import CORRECT, FLAGGED, OPTIMIZED, SPEEDUP
from scorers.types import PairScore

HEADLINE = "pie_compat"

DISTINCT = "distinct_samples"
"""Name of the figure that tells how many different samples a pair really got."""

_BASES = ((OPTIMIZED, "optimized", 100.0), (SPEEDUP, "speedup", 1.0), (CORRECT, "correct", 100.0))
"""Name of a figure, the metric behind it, and its unit's size."""

_HIGHER = [threshold for threshold in THRESHOLDS if threshold > OPTIMIZED_SPEEDUP]


def reported_ks(samples: int) -> tuple[int, ...]:
    """For which k a run with ``samples`` samples a pair reports best@k: 1, 8 where it has them, and all."""
    return tuple(sorted({1, min(8, samples), samples}))


def pair_figures(scores: Sequence[PairScore], answers: Sequence[Sequence[str]]) -> list[dict[str, float]]:
    """The figures of each pair, in the order given.

    Args:
        scores: All pairs of the run.
        answers: Their responses' texts.
    """
    flags = flag_counts(scores)
    return [
        {
            **_best_at(score),
            figure_name(SPEEDUP, len(score.candidates), how="all_submissions"): over_all,
            DISTINCT: float(distinct_samples(texts)),
            **_flagged(score, flags),
        }
        for score, over_all, texts in zip(scores, best_over_all(scores), answers, strict=True)
    ]


def mean_figures(figures: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The mean over pairs of each figure, summed in the pairs' order as lm-eval does.

    A figure that some pair doesn't have (best@8 where samples were lost) is left out, not made up.
    """
    common = [name for name in figures[0] if all(name in one for one in figures)]
    return {name: sum(one[name] for one in figures) / len(figures) for name in common}


@dataclass(frozen=True)
class Derived:
    """A figure that isn't a mean over pairs.

    Attributes:
        of: The figure whose values of the pairs it is made of.
        aggregate: What is made of them, given in the order of the run's pairs.
    """

    of: str
    aggregate: Callable[[Sequence[float]], float]


def derived_figures(samples: int, problems: Sequence[str]) -> dict[str, Derived]:
    """Median and geometric mean beside the mean speedup, and the ends of the headline figures' 95 % intervals.

    Args:
        samples: Samples of each pair.
        problems: The problem of each pair. Pairs of one problem aren't independent, as the frameworks' own standard
            errors assume.
    """
    figures: dict[str, Derived] = {}
    for k in reported_ks(samples):
        speedup = figure_name(SPEEDUP, k)
        figures[figure_name(SPEEDUP, k, how="median")] = Derived(speedup, statistics.median)
        figures[figure_name(SPEEDUP, k, how="geomean")] = Derived(speedup, statistics.geometric_mean)
        for base, _, _ in _BASES:
            name = figure_name(base, k)
            for end in ("low", "high"):
                figures[figure_name(base, k, how=f"{end}95")] = Derived(name, _interval_end(name, problems, end))
    return figures


def run_figures(figures: Sequence[Mapping[str, float]], samples: int, problems: Sequence[str]) -> dict[str, float]:
    """All figures of a run from those of its pairs.

    Args:
        figures: As :func:`pair_figures` returns them.
        samples: Samples of each pair.
        problems: The problem of each pair.
    """
    means = mean_figures(figures)
    others = {
        name: derived.aggregate([one[derived.of] for one in figures])
        for name, derived in derived_figures(samples, problems).items()
        if derived.of in means
    }
    return {**means, **others}


def estimate(name: str, values: Sequence[float], problems: Sequence[str]) -> Estimate:
    """The mean of a figure's values with its interval, which ends where the figure does."""
    return cluster_bootstrap(values, problems, bounds=figure_bounds(name))


def figure_bounds(name: str) -> tuple[float, float]:
    """Between what a figure lies: shares in percent, speedups (never below 1) and counts."""
    if name.startswith("%"):
        return 0.0, 100.0
    return (1.0 if name.startswith(SPEEDUP) else 0.0), float("inf")


def _interval_end(name: str, problems: Sequence[str], end: str) -> Callable[[Sequence[float]], float]:
    def aggregate(values: Sequence[float]) -> float:
        return float(getattr(estimate(name, values, problems), end))

    return aggregate


def _flagged(score: PairScore, flags: Iterable[str]) -> dict[str, float]:
    """The share of the pair's candidates that have any flag, and each of those that the run has."""
    share = 100.0 / len(score.candidates)
    figures = {FLAGGED: share * sum(bool(candidate.flags) for candidate in score.candidates)}
    for flag in flags:
        figures[f"{FLAGGED}/{flag}"] = share * sum(flag in candidate.flags for candidate in score.candidates)
    return figures


def _best_at(score: PairScore) -> dict[str, float]:
    samples = len(score.candidates)
    figures: dict[str, float] = {}
    for checker in (HEADLINE, "strict"):
        for k in reported_ks(samples):
            metrics = pair_metrics(score, k, checker)
            figures |= {figure_name(name, k, checker=checker): unit * metrics[key] for name, key, unit in _BASES}
    for k in reported_ks(samples)[:-1]:  # of all samples there is only one choice
        metrics = unbiased_metrics(score, k)
        figures |= {figure_name(name, k, how="unbiased"): unit * metrics[key] for name, key, unit in _BASES}
    metrics = pair_metrics(score, samples)
    for threshold in _HIGHER:
        figures[figure_name(OPTIMIZED, samples, threshold=threshold)] = 100.0 * metrics[f"optimized>={threshold:g}x"]
    return figures
