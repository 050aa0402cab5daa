"""Prints one thing in one run and another in the next, on the same machine and the same input."""

from __future__ import annotations

from sandbox.types import Outputs
from scorers.flags.base import Evidence, register


@register("unstable_output", "prints something else in a second native run")
def unstable_output(evidence: Evidence) -> bool:
    """By the runs that the verdict rests on. A second native run is made where the first and the timed one differ."""
    return any(verdict.outputs is Outputs.DIFFER_EACH_TIME for verdict in evidence.verdicts.values())
