"""The figures that stand in result tables, as one value a pair.

Every figure is the plain mean over pairs of a value that each pair has, so a framework that only knows means, our own
command line, and a reader with a result file all arrive at the same number. Names: :mod:`scorers.metrics.names`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from scorers.metrics import (
    OPTIMIZED_SPEEDUP,
    THRESHOLDS,
    best_over_all,
    distinct_samples,
    figure_name,
    pair_metrics,
    unbiased_metrics,
)
from scorers.metrics.names import CORRECT, OPTIMIZED, SPEEDUP
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
    return [
        {
            **_best_at(score),
            figure_name(SPEEDUP, len(score.candidates), how="all_submissions"): over_all,
            DISTINCT: float(distinct_samples(texts)),
        }
        for score, over_all, texts in zip(scores, best_over_all(scores), answers, strict=True)
    ]


def mean_figures(figures: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The mean over pairs of each figure, summed in the pairs' order as lm-eval does.

    A figure that some pair doesn't have (best@8 where samples were lost) is left out, not made up.
    """
    common = [name for name in figures[0] if all(name in one for one in figures)]
    return {name: sum(one[name] for one in figures) / len(figures) for name in common}


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
