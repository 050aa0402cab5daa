"""A run's report: one HTML file that opens anywhere, offline."""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version
from itertools import pairwise
from math import inf
from pathlib import Path
from statistics import geometric_mean, median
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from sandbox.types import TICKS_PER_SECOND, TestCase
from scorers.figures import HEADLINE, estimate, reported_ks
from scorers.flags import flag_counts, flag_meaning
from scorers.metrics import (
    OPTIMIZED_SPEEDUP,
    THRESHOLDS,
    best_speedup,
    figure_name,
    pair_metrics,
    unbiased_metrics,
)
from scorers.metrics.bootstrap import Estimate
from scorers.metrics.names import CORRECT, OPTIMIZED, SPEEDUP
from scorers.report import charts
from scorers.report.diffs import listing, styles
from scorers.report.outcomes import KINDS, breakdown, outcome
from scorers.report.paper import paper, warnings
from scorers.report.startup import StartUp, best_of
from scorers.submission.aggregates import aggregate
from scorers.submission.run import Run
from scorers.types import CandidateScore, PairScore

BASE_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
"""Content security policy of a page without a script: nothing is loaded from anywhere."""

HEADLINES = (OPTIMIZED, SPEEDUP, CORRECT)

_TEMPLATES = Path(__file__).parent / "templates"
_CURVE_POINTS = 16
"""At most so many k's are drawn of a best@k curve."""

_SHOWN_BYTES = 2000
"""So much of a failing test's input is shown, where it is asked for."""


@dataclass(frozen=True)
class Extras:
    """What a report can show beside the run itself.

    Attributes:
        targets: Pair id -> the human author's faster program.
        startup: Start-up of each pair's best candidate, where it was measured.
        startup_note: Why not, where it wasn't.
        find_test: From pair id and a test's name to the test, where the tests are here.
        show_tests: Show failing tests' contents, not only their sizes.
    """

    targets: Mapping[str, str]
    startup: Sequence[StartUp] = ()
    startup_note: str = ""
    find_test: Callable[[str, str], TestCase | None] | None = None
    show_tests: bool = False


def report_page(run: Run, sources: Mapping[str, str], extras: Extras) -> str:
    """The report as HTML.

    Args:
        run: The run.
        sources: Pair id -> the slow program.
        extras: What else to show.
    """
    ks = reported_ks(run.about.k)
    figures = aggregate(run.scores, run.responses)
    best = [best_speedup(score, run.about.k) for score in run.scores]
    problems: dict[str, list[float]] = {}
    for score, value in zip(run.scores, best, strict=True):
        problems.setdefault(score.problem_id, []).append(value)
    startup = extras.startup
    return render(
        "report.html.j2",
        run=run,
        about=run.about,
        ks=ks,
        headlines=HEADLINES,
        figures=figures,
        warnings=warnings(run.about),
        paper=paper(),
        problems=dict(sorted(problems.items())),
        spread={"median": median(best), "geomean": geometric_mean(best)},
        distribution=_distribution(best),
        curves=_curves(run),
        thresholds=_thresholds(figures, run.about.k),
        breakdown=breakdown(run.scores),
        kinds=KINDS,
        flags={name: (count, flag_meaning(name)) for name, count in flag_counts(run.scores).items()},
        startup=startup,
        startup_note=extras.startup_note,
        startup_means=_startup_means(startup),
        charts=_charts(run, best, problems, figures, startup),
        pairs=[_pair(number, score, run.responses[number], sources, extras) for number, score in enumerate(run.scores)],
        code_styles=Markup(styles()),
        script=page_script("report.js"),
        policy=page_policy("report.js"),
    )


def render(template: str, **values: Any) -> str:
    """A page from a template of this package; everything is escaped unless it says otherwise."""
    return _environment().get_template(template).render(version=version("pie-tasks"), **values)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"number": number, "interval": interval, "time": seconds, "tojson_pretty": _pretty}
    return environment


def number(value: float, digits: int = 2) -> str:
    """A figure as people read it."""
    return f"{value:.{digits}f}"


def interval(one: Estimate, digits: int = 2) -> str:
    """The interval's ends, or why there is none."""
    if not abs(one.low) < float("inf"):
        return "no interval: a single problem"
    return f"{one.low:.{digits}f} to {one.high:.{digits}f}"


def seconds(ticks: int | None) -> str:
    """Simulated time in milliseconds."""
    return "no time" if ticks is None else f"{1000 * ticks / TICKS_PER_SECOND:.4g} ms"


def _pretty(value: Any) -> str:
    return json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False)


def page_script(name: str) -> Markup:
    """A script of this package, as it stands in a page."""
    return Markup((_TEMPLATES / name).read_text(encoding="utf-8"))


def page_policy(name: str) -> str:
    """Content security policy: this script and inline styles, nothing from anywhere else."""
    digest = base64.b64encode(hashlib.sha256(page_script(name).encode()).digest()).decode()
    return f"{BASE_POLICY}; script-src 'sha256-{digest}'"


def _charts(
    run: Run,
    best: Sequence[float],
    problems: Mapping[str, Sequence[float]],
    figures: Mapping[str, Estimate],
    startup: Sequence[StartUp],
) -> dict[str, Markup]:
    drawn = {
        "distribution": charts.distribution(best),
        "thresholds": charts.thresholds({name: one.value for name, one in _thresholds(figures, run.about.k).items()}),
        "strip": charts.strip(dict(sorted(problems.items()))),
    }
    for name, curve in _curves(run).items():
        points = [(one.value, one.low, one.high) for one in curve.values()]
        drawn[f"curve {name}"] = charts.best_at(list(curve), f"{name}@k", points, f"best{HEADLINES.index(name)}")
    if startup:
        drawn["startup"] = charts.startup([(one.with_startup, one.without_startup) for one in startup])
    return {name: Markup(svg) for name, svg in drawn.items()}


def _thresholds(figures: Mapping[str, Estimate], k: int) -> dict[float, Estimate]:
    usual = figures[figure_name(OPTIMIZED, k)]
    higher = {one: figures[figure_name(OPTIMIZED, k, threshold=one)] for one in THRESHOLDS if one > OPTIMIZED_SPEEDUP}
    return {OPTIMIZED_SPEEDUP: usual, **higher}


def _curves(run: Run) -> dict[str, dict[int, Estimate]]:
    """Unbiased best@k of the headline figures, with intervals, for k up to the number of samples."""
    k = run.about.k
    ks = range(1, k + 1) if k <= _CURVE_POINTS else [*range(1, 9), *range(12, k, 4), k]
    clusters = [score.problem_id for score in run.scores]
    curves: dict[str, dict[int, Estimate]] = {name: {} for name in HEADLINES}
    for count in ks:
        rows = [unbiased_metrics(score, count, HEADLINE) for score in run.scores]
        for name, key, scale in (
            (OPTIMIZED, "optimized", 100.0),
            (SPEEDUP, "speedup", 1.0),
            (CORRECT, "correct", 100.0),
        ):
            curves[name][count] = estimate(name, [scale * row[key] for row in rows], clusters)
    return curves


def _distribution(best: Sequence[float]) -> list[tuple[str, int]]:
    """The histogram as a table: how many pairs lie between the thresholds."""
    ends = [1.0, *THRESHOLDS, inf]
    return [
        (
            f"{low:g}× and more" if high == inf else f"{low:g}× to {high:g}×",
            sum(low <= value < high for value in best),
        )
        for low, high in pairwise(ends)
    ]


def _startup_means(startup: Sequence[StartUp]) -> dict[str, float]:
    if not startup:
        return {}
    return {
        "with": sum(max(1.0, one.with_startup) for one in startup) / len(startup),
        "without": sum(max(1.0, one.without_startup) for one in startup) / len(startup),
        "source_share": median(one.source_share for one in startup),
        "best_share": median(one.best_share for one in startup),
    }


def _pair(
    number: int, score: PairScore, texts: Sequence[str], sources: Mapping[str, str], extras: Extras
) -> dict[str, Any]:
    """One line of the list of samples; what opens under it is packed, and unpacked by the page when it is asked for."""
    metrics = pair_metrics(score, len(score.candidates), HEADLINE)
    outcomes = [outcome(candidate) for candidate in score.candidates]
    best = best_of(score)
    content = render(
        "pair.html.j2",
        score=score,
        source=score.source[HEADLINE],
        kinds=KINDS,
        checker=HEADLINE,
        target=_target(score.pair_id, sources, extras),
        samples=[
            {
                "candidate": candidate,
                "outcome": kind,
                "verdict": candidate.verdicts[HEADLINE],
                "speedup": candidate.speedups[HEADLINE],
                "strict": candidate.verdicts.get("strict"),
                "listing": Markup(listing(sources[score.pair_id], candidate.code))
                if candidate.code is not None
                else None,
                "response": text,
                "test": _failing_test(score, candidate, extras),
                "best": candidate is best,
            }
            for candidate, kind, text in zip(score.candidates, outcomes, texts, strict=True)
        ],
        show_tests=extras.show_tests,
    )
    return {
        "id": number,
        "score": score,
        "speedup": metrics["speedup"],
        "outcomes": outcomes,
        "flags": sorted({flag for candidate in score.candidates for flag in candidate.flags}),
        "packed": base64.b64encode(zlib.compress(content.encode("utf-8", "replace"), 9)).decode(),
    }


def _target(pair_id: str, sources: Mapping[str, str], extras: Extras) -> Markup | None:
    target = extras.targets.get(pair_id)
    return None if target is None else Markup(listing(sources[pair_id], target))


def _failing_test(score: PairScore, candidate: CandidateScore, extras: Extras) -> dict[str, Any] | None:
    """The first failing test: its number and sizes; its contents only where they are asked for."""
    verdict = candidate.verdicts[HEADLINE]
    name = next((test.name for test in verdict.tests if test.status.value != "accepted"), None)
    if name is None:
        return None
    test = extras.find_test(score.pair_id, name) if extras.find_test else None
    found: dict[str, Any] = {"name": name, "sizes": None, "input": None, "expected": None}
    if test is not None:
        found["sizes"] = (len(test.input), len(test.expected))
        if extras.show_tests:
            found["input"], found["expected"] = _text(test.input), _text(test.expected)
    return found


def _text(content: bytes) -> str:
    shown = content[:_SHOWN_BYTES].decode("utf-8", "replace")
    return shown if len(content) <= _SHOWN_BYTES else f"{shown}\n… ({len(content)} bytes)"
