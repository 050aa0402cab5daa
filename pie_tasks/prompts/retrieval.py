"""The K training pairs whose slow programs resemble the question's most, the nearest last (figure 15)."""

from __future__ import annotations

from dataclasses import dataclass

from pie_tasks.dataset import PieRow, Split
from pie_tasks.prompts.base import STRATEGIES, examples_then_query
from pie_tasks.retrieval import DEFAULT_RETRIEVER, nearest_pairs


@dataclass(frozen=True)
class Retrieval:
    """Examples found for each row by a retriever.

    Attributes:
        k: Number of examples.
        retriever: How they are found.
    """

    k: int
    retriever: str = DEFAULT_RETRIEVER

    def __call__(self, row: PieRow, split: Split) -> str:
        """See :class:`pie_tasks.prompts.base.Strategy`."""
        nearest = nearest_pairs(row, split.train, self.k, self.retriever)
        return examples_then_query(nearest[::-1], row)


for _k in (1, 2, 4):
    STRATEGIES.register(f"retrieval_k{_k}")(Retrieval(_k))
    STRATEGIES.register(f"retrieval_k{_k}_codebert")(Retrieval(_k, "codebert"))
