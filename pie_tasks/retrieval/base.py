"""What finds the nearest training programs. One sequence of programs goes in; an index comes out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from sandbox.registry import Registry


@dataclass(frozen=True)
class Program:
    """A program with its tokens (:func:`pie_tasks.retrieval.lexer.tokens`)."""

    code: str
    tokens: tuple[str, ...]


class Index(Protocol):
    """Programs that can be searched. The same query gives the same answer in every process."""

    def ranked(self, query: Program, count: int) -> list[int]:
        """Positions of the ``count`` programs nearest to ``query``, nearest first; ties in the order of positions."""


class Retriever(Protocol):
    """A way of making an :class:`Index`, registered by name in :data:`RETRIEVERS`."""

    def __call__(self, programs: Sequence[Program]) -> Index:
        """Index ``programs``.

        Raises:
            SandboxError: Something that this way needs isn't installed; the message says what to do.
        """


RETRIEVERS: Registry[Retriever] = Registry("retriever")
