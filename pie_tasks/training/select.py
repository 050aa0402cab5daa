"""Which training pairs are taken: all of them, or the paper's small subset of high quality."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence

from pie_tasks.dataset import PieRow
from sandbox.registry import Registry
from sandbox.types import sha256

HQ_PAIRS = 4
"""Most pairs of one problem in the high-quality subset (the paper's 4,085 pairs of 1,474 problems)."""

SELECTIONS: Registry[Callable[[Sequence[PieRow]], list[PieRow]]] = Registry("selection")


@SELECTIONS.register("all")
def all_pairs(rows: Sequence[PieRow]) -> list[PieRow]:
    """Every pair."""
    return list(rows)


@SELECTIONS.register("hq")
def high_quality(rows: Sequence[PieRow]) -> list[PieRow]:
    """The pairs with the greatest speedups, at most :data:`HQ_PAIRS` of a problem; a slow program occurs once in it.

    The authors publish their subset (split ``pie_train_hq``), not the code that chose it; this makes one of the same
    kind for any rows.
    """
    problems: dict[str, list[PieRow]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: (-(row.speedup or 0.0), sha256(row.pair_id.encode()))):
        chosen = problems[row.problem_id]
        if len(chosen) < HQ_PAIRS and all(row.src_code != other.src_code for other in chosen):
            chosen.append(row)
    taken = {row.pair_id for chosen in problems.values() for row in chosen}
    return [row for row in rows if row.pair_id in taken]
