"""Which training pairs a prompt may show for a row, nearest first."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from pie_tasks.dataset import PieRow, Split
from pie_tasks.retrieval.base import RETRIEVERS, Index, Program
from pie_tasks.retrieval.lexer import tokens
from sandbox.types import SandboxError

DEFAULT_RETRIEVER = "bm25"


def nearest_pairs(row: PieRow, train: Split, k: int, retriever: str = DEFAULT_RETRIEVER) -> list[PieRow]:
    """The ``k`` training pairs whose slow programs are nearest to the row's, nearest first.

    A pair of the row's own problem is never among them, nor one whose slow or fast program is the row's slow or fast
    program up to white space and comments. A slow program occurs once, with its fastest known version.

    Args:
        row: What the prompt is for.
        train: Training pairs (``split.train``). Indexed once a process and retriever.
        k: Number of pairs.
        retriever: One of :data:`pie_tasks.retrieval.RETRIEVERS`.

    Raises:
        SandboxError: Fewer than ``k`` pairs may be shown, or the retriever is unknown or can't work here.
    """
    if k < 1:
        raise SandboxError(f"the number of retrieved pairs must be at least 1, not {k}")
    indexed = _indexed(train, retriever)
    query = Program(row.src_code, tuple(tokens(row.src_code)))
    own = {query.tokens, tuple(tokens(row.tgt_code))}
    count, total = 4 * k, len(indexed.programs)
    while True:
        found = [i for i in indexed.index.ranked(query, min(count, total)) if indexed.may_show(i, row, own)]
        if len(found) >= k:
            return [indexed.rows[i] for i in found[:k]]
        if count >= total:
            raise SandboxError(
                f"pair {row.pair_id}: {train.name} has only {len(found)} pairs that may be shown, {k} are asked for"
            )
        count *= 8  # everything near was of the same problem


@dataclass(frozen=True)
class _Indexed:
    rows: tuple[PieRow, ...]
    programs: tuple[Program, ...]
    index: Index

    def may_show(self, i: int, row: PieRow, own: set[tuple[str, ...]]) -> bool:
        pair = self.rows[i]
        return (
            pair.problem_id != row.problem_id
            and self.programs[i].tokens not in own
            and tuple(tokens(pair.tgt_code)) not in own
        )


@lru_cache(maxsize=4)
def _indexed(train: Split, retriever: str) -> _Indexed:
    make_index = RETRIEVERS.get(retriever)
    best: dict[tuple[str, ...], PieRow] = {}
    for row in train.rows:
        key = tuple(tokens(row.src_code))
        kept = best.get(key)
        if kept is None or (row.speedup or 0.0) > (kept.speedup or 0.0):
            best[key] = row
    programs = tuple(Program(row.src_code, key) for key, row in best.items())
    return _Indexed(tuple(best.values()), programs, make_index(programs))
