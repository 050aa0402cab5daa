""" "Best over all submissions": every pair of a problem gets the problem's fastest candidate."""

from __future__ import annotations

from collections.abc import Sequence

from scorers.types import PairScore


def best_over_all(scores: Sequence[PairScore], checker: str = "pie_compat") -> list[float]:
    """Speedup of each pair's source against the fastest correct candidate of its problem, at least 1.

    A pair whose source has no time gets 1.
    """
    fastest: dict[str, int] = {}
    for score in scores:
        for candidate in score.candidates:
            verdict = candidate.verdicts[checker]
            if verdict.correct and verdict.ticks is not None:
                fastest[score.problem_id] = min(verdict.ticks, fastest.get(score.problem_id, verdict.ticks))
    return [_speedup(score.source[checker].ticks, fastest.get(score.problem_id)) for score in scores]


def _speedup(source: int | None, best: int | None) -> float:
    return 1.0 if source is None or best is None else max(1.0, source / best)
