"""The intervals' coverage on simulated runs, with few seeds; ``benchmarks/compare_coverage.py`` has the whole table."""

from __future__ import annotations

import pytest

from benchmarks.compare_coverage import CLUSTERS, PAIRS, PROBLEMS, gaussian, pie_like, truth
from scorers.metrics import cluster_bootstrap

SEEDS = 200


def test_the_simulated_split_is_like_the_published_one() -> None:
    assert len(CLUSTERS) == PAIRS == 978 and len(set(CLUSTERS)) == PROBLEMS == 41


@pytest.mark.parametrize("draw", [gaussian, pie_like])
def test_intervals_hold_the_true_difference_often_enough(draw) -> None:  # type: ignore[no-untyped-def]
    """Of 200 intervals that each hold the truth with 95 % between 180 and 199 do so, but for one run in a thousand."""
    import numpy as np

    expected = 0.0 if draw is gaussian else truth(draw, draws=4000)
    held = 0
    for seed in range(SEEDS):
        interval = cluster_bootstrap(draw(np.random.default_rng(seed)).tolist(), CLUSTERS)
        held += interval.low <= expected <= interval.high
    assert 180 <= held <= 199
