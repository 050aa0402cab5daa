"""The paper's figures, to stand beside a run's: published facts, measured by gem5 on PIE's test split."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from scorers.submission.run import About

_FILE = Path(__file__).parent / "paper.json"


@dataclass(frozen=True)
class PaperRow:
    """One row of the paper's tables.

    Attributes:
        table: The table's number in the paper.
        method: Prompting or fine-tuning.
        model: The model.
        figures: Our names of the figures -> what the paper prints.
    """

    table: str
    method: str
    model: str
    figures: dict[str, float]


@dataclass(frozen=True)
class Paper:
    """All that is published.

    Attributes:
        source: The paper.
        clock: What measured the rows, and on what.
        rows: The tables' rows, by falling Speedup@8.
        human: The human reference's figures.
    """

    source: str
    clock: str
    rows: tuple[PaperRow, ...]
    human: dict[str, float]


@lru_cache(maxsize=1)
def paper() -> Paper:
    """The paper's tables."""
    content = json.loads(_FILE.read_text(encoding="utf-8"))
    names = content["columns"][3:]
    rows = tuple(
        PaperRow(table, method, model, dict(zip(names, values, strict=True)))
        for table, method, model, *values in content["rows"]
    )
    return Paper(content["source"], content["clock"], rows, content["human"])


def warnings(about: About) -> list[str]:
    """Why a run's figures can't be laid beside the paper's, or be believed at all; empty where they can."""
    found = []
    if about.isolation == "none":
        found.append("This run's programs ran without isolation: they could have written these figures themselves.")
    if about.split != "pie_test":
        found.append(f"This run is on {about.split}; the paper's figures are for PIE's test split.")
    if not (about.engine == "gem5" and about.toolchain == "paper"):
        found.append(
            f"This run was timed by {about.engine} with toolchain root {about.toolchain}, the paper's programs by gem5 "
            "with its own toolchain. Speedups of different clocks differ."
        )
    return found
