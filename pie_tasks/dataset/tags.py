"""Performance tags: how close a program comes to the best time of its problem, on a scale of 1 to 10.

The closeness of a program is the best known time of its problem divided by its own (``target_reward_updated`` of the
published rows), so it is in (0, 1] and knows no unit: any engine's times will do, as long as both are of one engine. A
scale cuts closeness into ten bins by nine edges that are the same for all problems.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from pie_tasks.dataset.rows import PieRow
from sandbox.types import SandboxError

TAGS = 10


@dataclass(frozen=True)
class TagScale:
    """Nine edges between ten bins. A closeness that equals an edge belongs to the bin below it.

    Attributes:
        edges: Ascending closeness values.
    """

    edges: tuple[float, ...]

    def __post_init__(self) -> None:
        if len(self.edges) != TAGS - 1 or list(self.edges) != sorted(self.edges):
            raise SandboxError(f"a tag scale needs {TAGS - 1} ascending edges, got {self.edges}")

    @classmethod
    def deciles(cls, closenesses: Iterable[float]) -> TagScale:
        """The scale on which each tag has a tenth of ``closenesses``: the paper's "top 10 % … next 10 %".

        Raises:
            SandboxError: There is none.
        """
        values = np.fromiter(closenesses, dtype=float)
        if not len(values):
            raise SandboxError("no times to make a tag scale of")
        return cls(tuple(float(edge) for edge in np.quantile(values, np.arange(1, TAGS) / TAGS)))

    def tag(self, closeness: float) -> int:
        """The tag, 1 to 10, of a closeness."""
        return 1 + bisect_left(self.edges, closeness)


PUBLISHED = TagScale(
    (0.1862055, 0.192185, 0.9687367, 0.9763567, 0.9884465, 0.9910516, 0.9943033, 0.9954552, 0.9977192),
)
"""The scale behind the published column ``target_reward_updated_pct_bin``.

The authors publish neither the edges nor the code that made them. In 1,044 published validation rows the bins don't
overlap, whatever the problem, so each edge lies between the greatest closeness of one bin and the least of the next; these
are the middles. The intervals are narrow (at most 0.0025 wide) but for the third and fourth edge, which lie in 0.9631 to
0.9743 and 0.9743 to 0.9784.
"""


def closeness(best_seconds: float, seconds: float) -> float:
    """Best time of the problem / time of a program, both of one engine.

    Raises:
        SandboxError: A time isn't positive and finite.
    """
    if not (0 < best_seconds < float("inf") and 0 < seconds < float("inf")):
        raise SandboxError(f"a performance tag needs finite positive times, got {best_seconds} and {seconds}")
    return best_seconds / seconds


def best_times(rows: Iterable[PieRow]) -> dict[str, float]:
    """Problem id -> best recorded time of its rows, in seconds; the ``fastest_agg_runtime`` column counts too."""
    best: dict[str, float] = {}
    for row in rows:
        for seconds in (row.src_agg_runtime, row.tgt_agg_runtime, row.fastest_agg_runtime):
            if seconds:
                best[row.problem_id] = min(seconds, best.get(row.problem_id, seconds))
    return best


def tag_rows(
    rows: Iterable[PieRow], scale: TagScale | None = PUBLISHED, best: Mapping[str, float] | None = None
) -> list[PieRow]:
    """The rows with tags computed from their times.

    Args:
        rows: Rows whose ``tgt_agg_runtime`` is set. One without it keeps no tag.
        scale: Where to cut; ``None`` means the deciles of these rows.
        best: Problem id -> best time in seconds, where more programs are known than these rows have.
    """
    rows = list(rows)
    known = best_times(rows)
    for problem_id, seconds in (best or {}).items():
        known[problem_id] = min(seconds, known.get(problem_id, seconds))
    near = [closeness(known[row.problem_id], row.tgt_agg_runtime) if row.tgt_agg_runtime else None for row in rows]
    if scale is None:
        scale = TagScale.deciles(value for value in near if value is not None)
    return [
        replace(row, perf_tag=None if value is None else scale.tag(value))
        for row, value in zip(rows, near, strict=True)
    ]
