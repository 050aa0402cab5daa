"""Errors and intervals of means over pairs that aren't independent: pairs of one problem share its tests and its tricks.

Whole problems (clusters) are drawn, with replacement. The mean over pairs is then a ratio of two random sums, and its
standard error is the jackknife's over clusters, which stays honest where one cluster holds much of the data.

The default interval is studentised: every replicate is measured in its own standard error. Its equal-tailed form follows
a skewed distribution, its symmetric form errs less where there is no skew; each side is the wider of the two. On 41 very
unequal clusters of heavy-tailed speedups the percentile interval is clearly too short; BCa is no better, as 41 clusters
tell little of a third moment.

Sources: Efron and Tibshirani, An Introduction to the Bootstrap (1993), chapters 11 to 14; Hall, The Bootstrap and Edgeworth
Expansion (1992), section 3.6; MacKinnon, Nielsen and Webb, Fast and Reliable Jackknife and Bootstrap Methods for
Cluster-Robust Inference (2023).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Method = Literal["studentized", "percentile", "bca"]

REPLICATES = 4000
SEED = 20240507
"""Any fixed number; the same data give the same interval everywhere."""

SMALLEST_ERROR = 0.25
"""A replicate's error counts as at least this share of the sample's: one that misses the few problems that differ has
none, and would make the interval endless."""

_NOTHING = 1e-12
"""A spread below this, relative to the value, is rounding."""


@dataclass(frozen=True)
class Estimate:
    """A figure with its uncertainty.

    Attributes:
        value: The figure.
        stderr: Its cluster-robust standard error; NaN where there is one cluster only.
        low: Lower end of the confidence interval.
        high: Upper end.
    """

    value: float
    stderr: float
    low: float
    high: float


def cluster_bootstrap(
    values: Sequence[float],
    clusters: Sequence[str],
    *,
    bounds: tuple[float, float] = (-np.inf, np.inf),
    level: float = 0.95,
    method: Method = "studentized",
    replicates: int = REPLICATES,
    seed: int = SEED,
) -> Estimate:
    """The mean of ``values``, its standard error and its confidence interval.

    Args:
        values: One value a pair; also differences of two runs on the same pairs.
        clusters: The problem of each pair.
        bounds: What the mean can't lie outside of; the interval ends there.
        level: Confidence.
        method: ``studentized``, ``percentile`` or ``bca``.
        replicates: Number of bootstrap samples.
        seed: Of their draws.

    Returns:
        The estimate. One cluster tells nothing of the spread: the error is NaN, the interval all of ``bounds``. Where
        all clusters agree nothing can be drawn either: a mean at one of two finite bounds gets the exact binomial
        interval for so many clusters, any other one gets an interval of length 0.

    Raises:
        ValueError: There are no values, or the lists differ in length.
    """
    sums = cluster_sums(values, clusters)
    count = len(sums.pairs)
    value = sum(values) / len(values)
    if count < 2:
        return Estimate(value, float("nan"), *bounds)
    stderr = float(sums.means(np.arange(count)[None, :])[1][0])
    if stderr <= _NOTHING * max(1.0, abs(value)):
        return Estimate(value, 0.0, *_agreement(value, count, bounds, level))
    means, errors = sums.means(draw_clusters(count, replicates, seed))
    tail = (1 - level) / 2
    if method == "studentized":
        t = (means - value) / np.maximum(errors, SMALLEST_ERROR * stderr)
        lower, upper = quantiles(t, [tail, 1 - tail])
        (both,) = quantiles(np.abs(t), [level])
        low, high = value - max(upper, both) * stderr, value - min(lower, -both) * stderr
    else:
        shares = _bca_shares(means, value, sums, tail) if method == "bca" else [tail, 1 - tail]
        low, high = quantiles(means, shares)
    return Estimate(value, stderr, max(low, bounds[0]), min(high, bounds[1]))


@dataclass(frozen=True)
class Sums:
    """Sum of values and number of pairs of each cluster."""

    values: Array
    pairs: Array

    def means(self, draws: NDArray[np.intp]) -> tuple[Array, Array]:
        """Means and jackknife standard errors of replicates; each copy of a drawn cluster is left out once.

        Args:
            draws: Numbers of the drawn clusters; replicates x clusters.
        """
        values, pairs = self.values[draws], self.pairs[draws]
        clusters, totals = draws.shape[1], pairs.sum(axis=1)
        means = values.sum(axis=1) / totals
        rest = totals[:, None] - pairs
        shifts = np.divide(values - means[:, None] * pairs, rest, out=np.zeros_like(rest), where=rest > 0)
        return means, np.sqrt((shifts**2).sum(axis=1) * (clusters - 1) / clusters)


def cluster_sums(values: Sequence[float], clusters: Sequence[str]) -> Sums:
    """The sums of each cluster, in the order of the clusters' names.

    Raises:
        ValueError: As :func:`cluster_bootstrap`.
    """
    if not values or len(values) != len(clusters):
        raise ValueError(f"{len(values)} values for {len(clusters)} pairs")
    _, members = np.unique(np.asarray(clusters), return_inverse=True)
    totals: Array = np.bincount(members, weights=np.asarray(values, dtype=np.float64)).astype(np.float64)
    pairs: Array = np.bincount(members).astype(np.float64)
    return Sums(totals, pairs)


def draw_clusters(clusters: int, replicates: int, seed: int) -> NDArray[np.intp]:
    """Which clusters each replicate consists of; replicates x clusters.

    Made from the generator's raw stream, which numpy promises never to change, unlike what it makes of it.
    """
    raw = np.random.PCG64(seed).random_raw((replicates, clusters))
    drawn: NDArray[np.intp] = (raw % np.uint64(clusters)).astype(np.intp)
    return drawn


def quantiles(sample: Array, shares: Sequence[float]) -> list[float]:
    """Order statistics of ``sample``; nothing is interpolated."""
    ordered = np.sort(sample)
    last = len(ordered) - 1
    return [float(ordered[min(last, max(0, int(np.floor(share * len(ordered)))))]) for share in shares]


def _agreement(value: float, clusters: int, bounds: tuple[float, float], level: float) -> tuple[float, float]:
    if value not in bounds or not np.isfinite(bounds).all():
        return value, value
    width = (bounds[1] - bounds[0]) * (1 - ((1 - level) / 2) ** (1 / clusters))
    return (value, value + width) if value == bounds[0] else (value - width, value)


def _bca_shares(means: Array, value: float, sums: Sums, tail: float) -> list[float]:
    """The percentiles that correct a bootstrap distribution for its bias and skewness (jackknife over clusters)."""
    normal = NormalDist()
    below = ((means < value).sum() + 0.5 * (means == value).sum()) / len(means)
    bias = normal.inv_cdf(float(np.clip(below, 1 / len(means), 1 - 1 / len(means))))
    without = (sums.values.sum() - sums.values) / (sums.pairs.sum() - sums.pairs)
    lean = without.mean() - without
    skew = float((lean**3).sum() / (6 * (lean**2).sum() ** 1.5))
    shares = []
    for share in (tail, 1 - tail):
        z = bias + normal.inv_cdf(share)
        shares.append(normal.cdf(bias + z / (1 - skew * z)))
    return shares
