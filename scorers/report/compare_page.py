"""A comparison as a page and as Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from scorers.report.compare import POWER, TIE, Comparison, Difference
from scorers.report.page import BASE_POLICY, render
from scorers.submission.run import Run

COLUMNS = ("Figure", "first", "second", "change", "95 % interval", "separated", "pairs to separate")
EXPLANATION = (
    "Changes are means over pairs with 95 % intervals over problems (studentised cluster bootstrap of the paired "
    f"differences). Best speedups within {TIE - 1:.0%} of each other are ties. The last column is how many pairs would "
    f"show a change of this size in {POWER:.0%} of experiments."
)


def cells(one: Difference) -> tuple[str, ...]:
    """One figure as the texts of a table's row, as :data:`COLUMNS`."""
    change = one.change
    ends = f"{change.low:+.2f} to {change.high:+.2f}" if abs(change.low) < float("inf") else "a single problem"
    needed = "–" if one.pairs_needed is None else str(one.pairs_needed)
    verdict = "yes" if one.separated else "no"
    return one.name, f"{one.first:.2f}", f"{one.second:.2f}", f"{change.value:+.2f}", ends, verdict, needed


def tally(one: Comparison) -> str:
    """Wins, ties and losses in words."""
    return f"{one.second} against {one.first}: {one.wins} wins, {one.ties} ties, {one.losses} losses"


def compare_page(comparisons: Sequence[Comparison], first: Run) -> str:
    """The comparison as one HTML file."""
    return render(
        "compare.html.j2",
        comparisons=comparisons,
        about=first.about,
        columns=COLUMNS,
        cells=cells,
        tally=tally,
        explanation=EXPLANATION,
        policy=BASE_POLICY,
    )


def compare_markdown(comparisons: Sequence[Comparison], first: Run) -> str:
    """The comparison as Markdown."""
    lines = []
    for one in comparisons:
        lines += [f"### {_escape(one.second)} against {_escape(one.first)}", ""]
        lines += [f"{first.about.label}, best@{one.k}, {one.pairs} pairs of {one.problems} problems", ""]
        lines += [f"| {' | '.join(COLUMNS)} |", f"| --- {'| ---: ' * (len(COLUMNS) - 1)}|"]
        lines += [f"| {' | '.join(cells(difference))} |" for difference in one.differences]
        lines += ["", f"{_escape(tally(one))}.", ""]
    return "\n".join([*lines, EXPLANATION, ""])


def _escape(text: str) -> str:
    return "".join(f"\\{character}" if character in "|*_`<>[]\\" else character for character in text)
