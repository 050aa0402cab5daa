"""Coverage of the 95 % intervals of ``pie compare``: how often they hold the true difference of two simulated models.

    python benchmarks/compare_coverage.py [--seeds 1000] [--check]

Two kinds of data on 978 pairs of 41 problems of very unequal size:

* gaussian: differences with a normal effect of the problem;
* pie: two models' best speedups, each 1 (not optimized) or log-normal, where the problem decides how often a model
  succeeds and how much there is to gain, so that tails are heavy and whole problems stand out

``--check`` exits with 1 unless every coverage of the interval in use lies in 93 to 97 %. The percentile interval and
BCa are printed beside it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from scorers.metrics import cluster_bootstrap

Array = NDArray[np.float64]

PROBLEMS, PAIRS = 41, 978
METHODS = ("studentized", "percentile", "bca")
LOWEST, HIGHEST = 93.0, 97.0


def problem_sizes() -> NDArray[np.int64]:
    """Pairs of each problem: log-normal, 1 to more than 100, 978 together."""
    shares = np.random.default_rng(7).lognormal(0, 1, PROBLEMS)
    sizes: NDArray[np.int64] = np.maximum(1, np.round(shares / shares.sum() * PAIRS)).astype(np.int64)
    sizes[np.argmax(sizes)] += PAIRS - sizes.sum()
    return sizes


SIZES = problem_sizes()
CLUSTERS = [f"p{problem:05d}" for problem, size in enumerate(SIZES) for _ in range(size)]


def spread(values: Array) -> Array:
    """A value of each problem at each of its pairs."""
    return np.repeat(values, SIZES)


def gaussian(random: np.random.Generator) -> Array:
    """Differences around 0."""
    return spread(random.normal(0, 0.5, PROBLEMS)) + random.normal(0, 1, PAIRS)


def pie_like(random: np.random.Generator) -> Array:
    """Differences of the best speedups of a better and a worse model."""
    ease, gain = spread(random.normal(0, 0.6, PROBLEMS)), spread(random.normal(1, 0.7, PROBLEMS))
    speedups = []
    for skill, shift in ((0.3, 0.0), (-0.2, -0.1)):
        succeeds = random.random(PAIRS) < 1 / (1 + np.exp(-(ease + skill)))
        speedups.append(np.where(succeeds, np.maximum(1, np.exp(gain + shift + random.normal(0, 0.6, PAIRS))), 1.0))
    return np.asarray(speedups[0] - speedups[1])


def truth(draw: Callable[[np.random.Generator], Array], draws: int = 20_000) -> float:
    """The expectation, from many more draws than are judged by it."""
    random = np.random.default_rng(123456)
    return float(np.mean([draw(random).mean() for _ in range(draws)]))


def coverage(
    draw: Callable[[np.random.Generator], Array], expected: float, seeds: int
) -> dict[str, tuple[float, float]]:
    """Method -> (share of intervals in percent that hold ``expected``, their mean length)."""
    hits, lengths = dict.fromkeys(METHODS, 0), dict.fromkeys(METHODS, 0.0)
    for seed in range(seeds):
        values: Sequence[float] = draw(np.random.default_rng(seed)).tolist()
        for method in METHODS:
            interval = cluster_bootstrap(values, CLUSTERS, method=method)  # type: ignore[arg-type]
            hits[method] += interval.low <= expected <= interval.high
            lengths[method] += interval.high - interval.low
    return {method: (100 * hits[method] / seeds, lengths[method] / seeds) for method in METHODS}


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=1000)
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    print(f"{PAIRS} pairs of {PROBLEMS} problems ({SIZES.min()} to {SIZES.max()} pairs each), {arguments.seeds} seeds")
    sound = True
    for name, draw, expected in (("gaussian", gaussian, 0.0), ("pie", pie_like, truth(pie_like))):
        for method, (share, length) in coverage(draw, expected, arguments.seeds).items():
            print(f"{name:10}{method:14}coverage {share:5.1f} %   mean length {length:.3f}, true {expected:.3f}")
            sound = sound and (method != METHODS[0] or LOWEST <= share <= HIGHEST)
    return 0 if sound or not arguments.check else 1


if __name__ == "__main__":
    sys.exit(main())
