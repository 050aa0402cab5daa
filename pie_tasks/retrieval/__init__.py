"""Finding training pairs that resemble a program."""

from pie_tasks.retrieval import bm25, codebert  # noqa: F401  (they register themselves)
from pie_tasks.retrieval.base import RETRIEVERS, Index, Program, Retriever
from pie_tasks.retrieval.nearest import DEFAULT_RETRIEVER, nearest_pairs

__all__ = ["DEFAULT_RETRIEVER", "RETRIEVERS", "Index", "Program", "Retriever", "nearest_pairs"]
