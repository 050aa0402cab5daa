"""Our published aggregate against figures that the published script itself gave.

``published/rows.jsonl`` holds 978 made-up pairs with four candidates each: ties with the source and among candidates,
speedups on every threshold, accuracies below one, right programs without a time (their simulation hit its limit),
candidates that were never run (null), rows that nothing solves, a problem that nothing solves, sources without a time,
and pairs that are in the reference file alone (``absent``). ``published/figures.json`` is what ``report_results`` of the
published evaluation script (github.com/LearningOpt/pie, gem5/gem5_eval.py) returned for them, with pandas 2.0.3 and
3.1.1 alike: once with a finite and once with an infinite time for the sources without one.
"""

from __future__ import annotations

import json
from math import inf
from pathlib import Path
from typing import Any

import pytest

from sandbox.types import Status, Verdict
from scorers.evaluate import speedup
from scorers.figures import mean_figures, pair_figures
from scorers.metrics import THRESHOLDS, PublishedCandidate, PublishedPair, published_aggregate
from scorers.metrics.pie_compat import MISSING
from scorers.types import CandidateScore, PairScore

FOLDER = Path(__file__).parent / "published"
ROWS: list[dict[str, Any]] = [json.loads(line) for line in (FOLDER / "rows.jsonl").read_text().splitlines()]
FIGURES: dict[str, Any] = json.loads((FOLDER / "figures.json").read_text())
ABSENT = [row["problem_id"] for row in ROWS if row["absent"]]


def pairs(no_source: float) -> list[PublishedPair]:
    return [
        PublishedPair(
            row["problem_id"],
            row["source"] or no_source,
            row["target"],
            tuple(MISSING if one is None else PublishedCandidate(one[0], one[1] or inf) for one in row["candidates"]),
        )
        for row in ROWS
        if not row["absent"]
    ]


@pytest.mark.parametrize(
    ("name", "no_source"), [("finite", FIGURES["source_time_of_rows_without_one"]), ("infinite", inf)]
)
def test_every_figure_is_equal_to_the_last_digit(name: str, no_source: float) -> None:
    assert published_aggregate(pairs(no_source), absent=ABSENT) == FIGURES[name]


def test_the_rows_hold_what_they_are_said_to() -> None:
    candidates = [one for row in ROWS for one in row["candidates"]]
    assert len(ROWS) == 978 and len(ABSENT) > 3
    assert None in candidates and [1.0, None] in candidates
    assert any(one and 0 < one[0] < 1 for one in candidates)
    assert any(one and one[1] == row["source"] for row in ROWS for one in row["candidates"])
    assert any(row["candidates"] == [None] * 4 for row in ROWS)
    assert any(row["source"] is None for row in ROWS)
    assert FIGURES["infinite"]["mean_speedup_best@4"] == inf > FIGURES["finite"]["mean_speedup_best@4"]


def test_tables_of_both_frameworks_say_the_same() -> None:
    """The figures in result tables, from whole ticks, against the published ones, from float seconds."""
    scores = [_score(number, row) for number, row in enumerate(ROWS) if not row["absent"]]
    ours = mean_figures(pair_figures(scores, [["a", "b", "c", "d"]] * len(scores)))
    published = published_aggregate(pairs(FIGURES["source_time_of_rows_without_one"]))
    for k in (1, 4):
        assert ours[f"%Correct@{k}"] / 100 == pytest.approx(published[f"is_correct_best@{k}"], rel=1e-12)
        assert ours[f"Speedup@{k}"] == pytest.approx(published[f"mean_speedup_best@{k}"], rel=1e-9)
    for threshold in THRESHOLDS[1:]:
        share = published[f"percent_programs_speedup_best@4>=speedup_threshold_{threshold}"]
        on_it = sum(abs(best / threshold - 1) < 1e-9 for best in map(_best, ROWS)) / len(scores)
        assert abs(ours[f"%Optimized@4>={threshold:g}x"] / 100 - share) <= on_it + 1e-12


def _ticks(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds * 1e12)


def _score(number: int, row: dict[str, Any]) -> PairScore:
    source_ticks = _ticks(row["source"] or FIGURES["source_time_of_rows_without_one"])
    source = Verdict(Status.ACCEPTED, True, source_ticks)
    candidates = []
    for one in row["candidates"]:
        right = one is not None and one[0] == 1.0
        verdict = Verdict(Status.ACCEPTED, True, _ticks(one[1])) if right else Verdict(Status.WRONG_ANSWER, False, None)
        verdicts = {"pie_compat": verdict, "strict": verdict}
        candidates.append(CandidateScore("code", verdicts, {name: speedup(source, verdict) for name in verdicts}))
    return PairScore(str(number), row["problem_id"], {"pie_compat": source, "strict": source}, tuple(candidates))


def _best(row: dict[str, Any]) -> float:
    source = row["source"] or FIGURES["source_time_of_rows_without_one"]
    times = [one[1] for one in row["candidates"] if one and one[0] == 1.0 and one[1]]
    return float(source / min(times)) if times else 1.0
