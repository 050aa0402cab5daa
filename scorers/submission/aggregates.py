"""A run's figures with their intervals, as they stand in bundles, reports and on the board."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from scorers.figures import estimate, pair_figures
from scorers.metrics.bootstrap import Estimate
from scorers.types import PairScore


def figure_values(scores: Sequence[PairScore], responses: Sequence[Sequence[str]]) -> dict[str, list[float]]:
    """Figure -> its value for each pair. Each figure is the mean of them."""
    rows = pair_figures(scores, responses)
    return {name: [row[name] for row in rows] for name in rows[0]}


def aggregate(scores: Sequence[PairScore], responses: Sequence[Sequence[str]]) -> dict[str, Estimate]:
    """Figure -> mean over pairs with its standard error and 95 % interval over problems."""
    clusters = [score.problem_id for score in scores]
    return {name: estimate(name, values, clusters) for name, values in figure_values(scores, responses).items()}


def plain_figures(figures: Mapping[str, Estimate]) -> dict[str, dict[str, float | None]]:
    """Figures as JSON holds them; ends that don't exist (a single problem) are null."""
    return {
        name: {key: _finite(getattr(one, key)) for key in ("value", "low", "high", "stderr")}
        for name, one in figures.items()
    }


def _finite(value: float) -> float | None:
    return value if abs(value) < float("inf") else None
