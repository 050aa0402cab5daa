"""Comparisons: what they say, and which they refuse."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sandbox.types import SandboxError
from scorers.metrics import best_speedup
from scorers.report.compare import compare_runs
from scorers.report.compare_page import compare_markdown, compare_page
from scorers.submission import Run
from tests.scorers.synthetic_runs import FINGERPRINT, synthetic_run


def run_of(seed: int = 1, luck: float = 0.5, **about: object) -> Run:
    return synthetic_run(pairs=60, k=4, problems=20, seed=seed, luck=luck, **about)[0]


def test_a_run_doesnt_differ_from_itself() -> None:
    (one,) = compare_runs({"a": run_of(), "b": run_of()})
    assert (one.wins, one.ties, one.losses) == (0, 60, 0)
    assert [(d.change.value, d.pairs_needed, d.separated) for d in one.differences] == [(0.0, None, False)] * 3


def test_a_better_run_is_separated_and_the_signs_are_right() -> None:
    bad, good = run_of(1, 0.1), run_of(2, 0.9)
    better, worse = compare_runs({"bad": bad, "good": good})[0], compare_runs({"good": good, "bad": bad})[0]
    optimized = better.differences[0]
    assert optimized.name == "%Optimized@4" and optimized.change.low > 0 and optimized.separated
    assert optimized.second - optimized.first == pytest.approx(optimized.change.value)
    assert optimized.pairs_needed is not None and optimized.pairs_needed < 60
    assert worse.differences[0].change.value == pytest.approx(-optimized.change.value)
    assert (worse.wins, worse.ties, worse.losses) == (better.losses, better.ties, better.wins)


def test_wins_are_counted_by_the_best_candidate() -> None:
    first, second = run_of(1), run_of(2)
    (one,) = compare_runs({"a": first, "b": second}, k=2)
    ratios = [best_speedup(b, 2) / best_speedup(a, 2) for a, b in zip(first.scores, second.scores, strict=True)]
    assert one.wins == sum(ratio > 1.01 for ratio in ratios)
    assert one.losses == sum(ratio < 1 / 1.01 for ratio in ratios)


def test_runs_that_cant_be_compared() -> None:
    run = run_of()
    other_clock = {**FINGERPRINT, "engine": "gem5", "sha256": "0" * 64}
    slower = run.scores[0].source["pie_compat"]
    tests = (replace(slower.tests[0], ticks=1), *slower.tests[1:])
    retimed = replace(run.scores[0], source={"pie_compat": replace(slower, tests=tests), "strict": slower})
    cases = [
        (run_of(split="pie_test"), None, "splits are pie_mini"),
        (run_of(split_sha256="1" * 64), None, "splits are pie_mini"),
        (
            run_of(fingerprint=other_clock, engine="gem5"),
            None,
            "different engines, cachegrind@host and gem5@host .*engine",
        ),
        (replace(run, scores=run.scores[1:], responses=run.responses[1:]), None, "1 pairs are in one of them only"),
        (replace(run, scores=(retimed, *run.scores[1:])), None, "was tested or timed otherwise"),
        (synthetic_run(60, 2, 20)[0], None, "k is 4 and 2; --k 2"),
        (run, 9, "k = 9 is asked for"),
    ]
    for other, k, reason in cases:
        with pytest.raises(SandboxError, match=f"a and b can't be compared: .*{reason}"):
            compare_runs({"a": run, "b": other}, k)
    with pytest.raises(SandboxError, match="at least two runs"):
        compare_runs({"a": run})


def test_unequal_numbers_of_samples_compare_at_the_smaller_k() -> None:
    (one,) = compare_runs({"a": run_of(), "b": synthetic_run(60, 2, 20)[0]}, k=2)
    assert [difference.name for difference in one.differences] == ["%Optimized@2", "Speedup@2", "%Correct@2"]


def test_page_and_markdown_hold_the_numbers_and_escape_names() -> None:
    first = run_of(1)
    comparisons = compare_runs({"a|<b>": first, "c": run_of(2), "d": run_of(3)})
    page, text = compare_page(comparisons, first), compare_markdown(comparisons, first)
    change = comparisons[0].differences[1].change
    assert f"{change.low:+.2f} to {change.high:+.2f}" in page
    assert f"{change.low:+.2f} to {change.high:+.2f}" in text
    assert "<b>" not in page and "a&#124;" not in text and r"a\|\<b\>" in text
    assert page.count("<table") == text.count("| Figure |") == 2
