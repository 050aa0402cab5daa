"""Flags: suspicions that stand beside a score. One detector a file, found by name in :data:`FLAGS`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from scorers.flags import (
    faster_than_humans,
    hard_coded,
    keeps_state,
    looks_for_simulator,
    output_differs,
    reads_clock,
    unstable_output,
)
from scorers.flags.base import FLAGS, Evidence, Flag
from scorers.types import PairScore


def raised_flags(evidence: Evidence) -> tuple[str, ...]:
    """Names of all flags that the evidence raises, in alphabetical order."""
    return tuple(name for name in FLAGS.names() if FLAGS.get(name).raised(evidence))


def flag_meaning(name: str) -> str:
    """What a flag says in words; nothing where a result has one that is unknown here."""
    return FLAGS.get(name).meaning if name in FLAGS.names() else ""


def flag_counts(scores: Sequence[PairScore]) -> dict[str, int]:
    """How many candidates have each flag; flags that nobody has are left out."""
    counts = Counter(flag for score in scores for candidate in score.candidates for flag in candidate.flags)
    return dict(sorted(counts.items()))


__all__ = [
    "FLAGS",
    "Evidence",
    "Flag",
    "faster_than_humans",
    "flag_counts",
    "flag_meaning",
    "hard_coded",
    "keeps_state",
    "looks_for_simulator",
    "output_differs",
    "raised_flags",
    "reads_clock",
    "unstable_output",
]
