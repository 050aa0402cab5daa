"""Prints one thing on the machine itself and another under the engine, each time."""

from __future__ import annotations

from sandbox.types import Outputs
from scorers.flags.base import Evidence, register


@register("output_differs", "prints something else under the engine than natively")
def output_differs(evidence: Evidence) -> bool:
    """By the runs that the verdict rests on."""
    return any(verdict.outputs is Outputs.DIFFER_UNDER_ENGINE for verdict in evidence.verdicts.values())
