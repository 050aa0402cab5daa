"""PIE's metrics: pure functions over :class:`scorers.types.PairScore`."""

from scorers.metrics.best_at_k import (
    OPTIMIZED_SPEEDUP,
    THRESHOLDS,
    Values,
    best_speedup,
    distinct_samples,
    pair_metrics,
    pair_values,
    unbiased,
    unbiased_metrics,
)
from scorers.metrics.best_over_all import best_over_all
from scorers.metrics.bootstrap import Estimate, cluster_bootstrap
from scorers.metrics.names import figure_name
from scorers.metrics.pie_compat import PublishedCandidate, PublishedPair, published_aggregate

__all__ = [
    "OPTIMIZED_SPEEDUP",
    "THRESHOLDS",
    "Estimate",
    "PublishedCandidate",
    "PublishedPair",
    "Values",
    "best_over_all",
    "best_speedup",
    "cluster_bootstrap",
    "distinct_samples",
    "figure_name",
    "pair_metrics",
    "pair_values",
    "published_aggregate",
    "unbiased",
    "unbiased_metrics",
]
