"""Faster than the fastest human program of the problem by more than clocks differ."""

from __future__ import annotations

from scorers.flags.base import Evidence, register

MARGIN = 2.0
"""Least ratio of the candidate's speedup to the best human one. The latter is recorded by gem5: another engine may see the
same program up to so much faster than it does."""


@register("faster_than_humans", f"more than {MARGIN:g} times as fast as the problem's fastest human program")
def faster_than_humans(evidence: Evidence) -> bool:
    """Where the data set records how fast humans are."""
    best = evidence.pair.best_human_speedup
    return best is not None and evidence.speedup > MARGIN * max(1.0, best)
