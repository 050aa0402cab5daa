"""Charts as inline SVG, drawn by Matplotlib. Colours are the page's own, so a chart follows light and dark.

Matplotlib draws with stand-in colours that are then replaced by CSS variables; texts stay texts.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sandbox.types import SandboxError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INK, MUTED, GRID, ACCENT, SECOND = "#010101", "#020202", "#030303", "#040404", "#050505"
_VARIABLES = {INK: "ink", MUTED: "muted", GRID: "grid", ACCENT: "accent", SECOND: "second"}

_STYLE: Mapping[str, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "pie",
    "font.family": "sans-serif",
    "font.size": 10,
    "text.color": INK,
    "axes.labelcolor": MUTED,
    "axes.edgecolor": GRID,
    "axes.facecolor": "none",
    "figure.facecolor": "none",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.major.size": 0,
    "xtick.minor.size": 0,
    "ytick.major.size": 0,
    "ytick.minor.size": 0,
}

_SPEEDUP_TICKS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)


class _Drawing:
    """The SVG text of a chart, there once its block has ended."""

    svg = ""


@contextmanager
def _axes(name: str, width: float, height: float) -> Iterator[tuple[Axes, _Drawing]]:
    try:
        from matplotlib import rc_context
        from matplotlib.backends.backend_svg import FigureCanvasSVG
        from matplotlib.figure import Figure
    except ImportError:
        raise SandboxError("the report's charts need Matplotlib; pip install 'pie-tasks[report]'") from None

    drawing = _Drawing()
    with rc_context(_STYLE):  # type: ignore[arg-type]  # typed as a closed set of literals
        figure = Figure(figsize=(width, height), layout="constrained")
        FigureCanvasSVG(figure)
        yield figure.add_subplot(), drawing
        buffer = io.StringIO()
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None}, transparent=True)
    drawing.svg = _inline(buffer.getvalue(), name)


def _inline(svg: str, name: str) -> str:
    """The ``svg`` element alone, with page colours, ids of its own and no size but its shape."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'(\sid="|url\(#|href="#)', rf"\g<1>{name}-", svg)
    svg = re.sub(
        r"<defs>\s*<style.*?</defs>", "", svg, count=1, flags=re.DOTALL
    )  # its rules would hold for the whole page
    opening, rest = svg.split(">", 1)
    svg = re.sub(r' (width|height|xmlns\S*|version)="[^"]*"', "", opening) + ' class="chart" aria-hidden="true">' + rest
    svg = re.sub(r"font: [^;\"]*?([\d.]+)px [^;\"]*", r"font-size: \1px", svg)
    for colour, variable in _VARIABLES.items():
        svg = svg.replace(colour, f"var(--{variable})")
    return svg


def _speedup_axis(axes: Axes, values: Sequence[float]) -> None:
    axes.set_xscale("log")
    low, high = min([*values, 0.9]), max([*values, 2.0])
    ticks = [tick for tick in _SPEEDUP_TICKS if low / 1.5 <= tick <= high * 1.5]
    axes.set_xticks(ticks, [f"{tick:g}×" for tick in ticks])
    axes.minorticks_off()


def distribution(speedups: Sequence[float]) -> str:
    """Histogram of the pairs' best speedups on a logarithmic axis."""
    import numpy as np

    with _axes("dist", 7.2, 2.6) as (axes, drawing):
        edges = np.geomspace(min([*speedups, 0.95]), max([*speedups, 2.0]) * 1.001, 41)
        axes.hist(speedups, bins=list(edges), color=ACCENT, linewidth=0)
        axes.axvline(1.1, color=SECOND, linewidth=1.2, linestyle="--")
        axes.annotate(
            "1.1×",
            (1.1, 1),
            xycoords=("data", "axes fraction"),
            xytext=(4, -10),
            textcoords="offset points",
            color=SECOND,
        )
        _speedup_axis(axes, speedups)
        axes.grid(visible=False, axis="x")
        axes.set_xlabel("speedup of the best sample")
        axes.set_ylabel("pairs")
    return drawing.svg


def best_at(ks: Sequence[int], figure: str, points: Sequence[tuple[float, float, float]], name: str) -> str:
    """A figure against k with its interval: value, low, high. ``name`` keeps the ids of several such charts apart."""
    with _axes(name, 3.6, 2.4) as (axes, drawing):
        values, lows, highs = (list(column) for column in zip(*points, strict=True))
        axes.fill_between(ks, lows, highs, color=ACCENT, alpha=0.15, linewidth=0)
        axes.plot(ks, values, color=ACCENT, linewidth=2, marker="o", markersize=4)
        axes.set_title(figure, loc="left", fontsize=10)
        axes.set_xlabel("k")
        axes.set_xticks(list(ks) if len(ks) <= 8 else [k for k in ks if k in (1, 4, 8, 16, 32) or k == ks[-1]])
        axes.grid(visible=False, axis="x")
    return drawing.svg


def thresholds(shares: Mapping[float, float]) -> str:
    """Bars: share of pairs (percent) at least so much faster."""
    with _axes("thresholds", 7.2, 2.6) as (axes, drawing):
        names = [f"{threshold:g}×" for threshold in shares]
        bars = axes.bar(names, list(shares.values()), color=ACCENT, width=0.7)
        axes.bar_label(bars, fmt="%.1f", padding=2, color=MUTED)
        axes.set_ylim(0, max([*shares.values(), 1.0]) * 1.15)
        axes.grid(visible=False, axis="x")
        axes.set_xlabel("speedup of at least")
        axes.set_ylabel("% of pairs")
    return drawing.svg


def strip(problems: Mapping[str, Sequence[float]]) -> str:
    """One row a problem, one mark a pair: best speedups on a logarithmic axis, and their median."""
    from statistics import median

    values = [value for row in problems.values() for value in row]
    with _axes("strip", 7.2, 0.9 + 0.2 * len(problems)) as (axes, drawing):
        for place, row in enumerate(problems.values()):
            axes.plot(row, [place] * len(row), "o", color=ACCENT, alpha=0.35, markersize=5, markeredgewidth=0)
            axes.plot([median(row)], [place], "|", color=INK, markersize=10, markeredgewidth=1.6)
        axes.set_yticks(range(len(problems)), [f"{name} ({len(row)})" for name, row in problems.items()])
        axes.set_ylim(len(problems) - 0.5, -0.5)
        axes.axvline(1.1, color=SECOND, linewidth=1, linestyle="--")
        _speedup_axis(axes, values)
        axes.grid(visible=False, axis="x")
        axes.set_xlabel("speedup of the best sample (pairs in brackets, | is the median)")
    return drawing.svg


def startup(points: Sequence[tuple[float, float]]) -> str:
    """Speedups without process start-up against speedups with it, pair by pair."""
    values = [value for point in points for value in point]
    with _axes("startup", 4.2, 3.6) as (axes, drawing):
        ends = min([*values, 0.9]), max([*values, 2.0])
        axes.plot(ends, ends, color=MUTED, linewidth=1, linestyle="--")
        axes.plot(*zip(*points, strict=True), "o", color=ACCENT, alpha=0.5, markersize=5, markeredgewidth=0)
        _speedup_axis(axes, values)
        axes.set_yscale("log")
        axes.set_yticks(axes.get_xticks(), [tick.get_text() for tick in axes.get_xticklabels()])
        axes.minorticks_off()
        axes.set_xlabel("with start-up")
        axes.set_ylabel("without start-up")
    return drawing.svg
