"""A run's figures with their intervals, as they stand in bundles, reports and on the board."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from scorers.figures import pair_figures
from scorers.metrics import cluster_bootstrap
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


def estimate(name: str, values: Sequence[float], clusters: Sequence[str]) -> Estimate:
    """The mean of a figure's values with its interval, which ends where the figure does."""
    return cluster_bootstrap(values, clusters, bounds=figure_bounds(name))


def figure_bounds(name: str) -> tuple[float, float]:
    """Between what a figure lies: shares in percent, speedups (never below 1) and counts."""
    if name.startswith("%"):
        return 0.0, 100.0
    return (1.0 if name.startswith("Speedup") else 0.0), float("inf")


def plain_figures(figures: Mapping[str, Estimate]) -> dict[str, dict[str, float | None]]:
    """Figures as JSON holds them; ends that don't exist (a single problem) are null."""
    return {
        name: {key: _finite(getattr(one, key)) for key in ("value", "low", "high", "stderr")}
        for name, one in figures.items()
    }


def _finite(value: float) -> float | None:
    return value if abs(value) < float("inf") else None
