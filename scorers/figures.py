"""The figures that stand in result tables, as one value a pair.

Every figure is the plain mean over pairs of a value that each pair has, so a framework that only knows means, our own
command line, and a reader with a result file all arrive at the same number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from scorers.metrics import OPTIMIZED, THRESHOLDS, pair_metrics
from scorers.types import PairScore

HEADLINE = "pie_compat"

DISTINCT = "distinct_samples"
"""Name of the figure that tells how many different samples a pair really got."""


def reported_ks(samples: int) -> tuple[int, ...]:
    """For which k a run with ``samples`` samples a pair reports best@k: 1, 8 where it has them, and all."""
    return tuple(sorted({1, min(8, samples), samples}))


def figure_names(samples: int) -> list[str]:
    """The names of all figures of a run with ``samples`` samples a pair."""
    names = [f"{figure}@{k}{mark}" for mark in ("", "/strict") for k in reported_ks(samples) for figure in _BASE]
    names += [f"%Optimized@{samples}>={_number(threshold)}x" for threshold in _HIGHER]
    return [*names, f"Speedup@{samples}/all_submissions", DISTINCT]


def pair_figures(scores: Sequence[PairScore], answers: Sequence[Sequence[str]]) -> list[dict[str, float]]:
    """The figures of each pair, in the order given.

    ``%Optimized@k``, ``Speedup@k`` and ``%Correct@k`` are best@k as published; ``/strict`` marks the strict checker;
    ``%Optimized@k>=2x`` has another threshold; ``/all_submissions`` takes the fastest candidate of the whole problem.

    Args:
        scores: All pairs of the run, with the same number of candidates each.
        answers: Their responses' texts.
    """
    fastest = _fastest_of_problem(scores)
    return [
        {**_best_at(score), **_all_submissions(score, fastest), DISTINCT: float(len(set(texts)))}
        for score, texts in zip(scores, answers, strict=True)
    ]


def mean_figures(figures: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The mean over pairs of each figure, summed in the pairs' order as lm-eval does."""
    return {name: sum(one[name] for one in figures) / len(figures) for name in figures[0]}


_BASE = {"%Optimized": ("optimized", 100.0), "Speedup": ("speedup", 1.0), "%Correct": ("correct", 100.0)}

_HIGHER = [threshold for threshold in THRESHOLDS if threshold > OPTIMIZED]


def _best_at(score: PairScore) -> dict[str, float]:
    samples = len(score.candidates)
    figures = {}
    for checker, mark in ((HEADLINE, ""), ("strict", "/strict")):
        for k in reported_ks(samples):
            metrics = pair_metrics(score, k, checker)
            figures |= {f"{name}@{k}{mark}": scale * metrics[key] for name, (key, scale) in _BASE.items()}
    speedup = pair_metrics(score, samples, HEADLINE)["speedup"]
    for threshold in _HIGHER:
        figures[f"%Optimized@{samples}>={_number(threshold)}x"] = 100.0 * (speedup >= threshold)
    return figures


def _fastest_of_problem(scores: Sequence[PairScore]) -> dict[str, int]:
    fastest: dict[str, int] = {}
    for score in scores:
        for candidate in score.candidates:
            verdict = candidate.verdicts[HEADLINE]
            if verdict.correct and verdict.ticks is not None:
                fastest[score.problem_id] = min(verdict.ticks, fastest.get(score.problem_id, verdict.ticks))
    return fastest


def _all_submissions(score: PairScore, fastest: Mapping[str, int]) -> dict[str, float]:
    source, best = score.source[HEADLINE].ticks, fastest.get(score.problem_id)
    speedup = 1.0 if source is None or best is None else max(1.0, source / best)
    return {f"Speedup@{len(score.candidates)}/all_submissions": speedup}


def _number(value: float) -> str:
    return f"{value:g}"
