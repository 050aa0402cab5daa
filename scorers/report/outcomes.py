"""What became of each candidate, as people ask: faster, the same, slower, wrong, not even compiling."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sandbox.types import Status
from scorers.figures import HEADLINE
from scorers.metrics import OPTIMIZED_SPEEDUP
from scorers.report.compare import TIE
from scorers.types import CandidateScore, PairScore

KINDS = {
    "faster": f"right, at least {OPTIMIZED_SPEEDUP:g}× faster",
    "little": f"right, faster by less than {OPTIMIZED_SPEEDUP:g}×",
    "same": f"right, same speed (within {TIE - 1:.0%})",
    "slower": "right, slower",
    "untimed": "right, but over the limit of simulated time",
    "wrong": "wrong output",
    "failed": "crashed, or over a limit",
    "compile": "doesn't compile",
    "nothing": "no program in the answer",
}
"""Outcomes from good to bad, with what they mean. The paper's error analysis has the same ones."""

_FAILURES = {
    Status.WRONG_ANSWER: "wrong",
    Status.COMPILE_ERROR: "compile",
    Status.NO_CODE: "nothing",
}


@dataclass(frozen=True)
class Breakdown:
    """How many candidates, and how many pairs by their best candidate, ended in each way."""

    candidates: dict[str, int]
    pairs: dict[str, int]


def outcome(candidate: CandidateScore) -> str:
    """The key in :data:`KINDS`."""
    verdict, speedup = candidate.verdicts[HEADLINE], candidate.speedups[HEADLINE]
    if not verdict.correct:
        return _FAILURES.get(verdict.status, "failed")
    if verdict.ticks is None:
        return "untimed"
    if speedup >= OPTIMIZED_SPEEDUP:
        return "faster"
    if speedup > TIE:
        return "little"
    return "same" if speedup >= 1 / TIE else "slower"


def breakdown(scores: Sequence[PairScore]) -> Breakdown:
    """Count the outcomes of all candidates, and of each pair's best one."""
    order = list(KINDS)
    all_outcomes = [[outcome(candidate) for candidate in score.candidates] for score in scores]
    candidates = Counter(one for outcomes in all_outcomes for one in outcomes)
    pairs = Counter(min(outcomes, key=order.index) for outcomes in all_outcomes)
    return Breakdown({kind: candidates[kind] for kind in KINDS}, {kind: pairs[kind] for kind in KINDS})
