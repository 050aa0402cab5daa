"""What a prompt strategy is, and the pieces that several share."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Protocol

from pie_tasks.dataset import PieRow, Split
from sandbox.registry import Registry

STOP: tuple[str, ...] = ("### Program:", "// slower version:", "// slower program:")
"""Where a completion model has finished its answer and goes on to invent the next program. Chat models end by
themselves. None of these occurs in a C++ program of any published row."""


class Strategy(Protocol):
    """One way of asking, registered by name in :data:`STRATEGIES`.

    Its text is both the one user message for a chat model and the whole text that a completion model continues: it ends
    where the answer begins, and what follows up to the first of :data:`STOP` is the answer.
    """

    def __call__(self, row: PieRow, split: Split) -> str:
        """The prompt for ``row`` of ``split``.

        Raises:
            SandboxError: The split's training pairs are needed and can't be had.
        """


STRATEGIES: Registry[Strategy] = Registry("prompt strategy")


def build_prompt(strategy: str, row: PieRow, split: Split) -> str:
    """The prompt of a named strategy; see :class:`Strategy`.

    Raises:
        SandboxError: There is no such strategy, or it can't make its prompt.
    """
    return STRATEGIES.get(strategy)(row, split)


def examples_then_query(examples: Sequence[PieRow], row: PieRow) -> str:
    """Solved examples and the question in one form, as in the published retrieval prompts.

    Args:
        examples: Pairs to show, in the order in which they are to stand.
        row: The pair that is asked for.
    """
    blocks = [_block(squeeze(pair.src_code), squeeze(pair.tgt_code)) for pair in examples]
    return "\n\n\n".join([*blocks, _block(row.src_code, "")])


def squeeze(code: str) -> str:
    """``code`` without blank lines. CodeNet's programs have one after each line; examples needn't pay for them."""
    return re.sub(r"\n\s*\n+", "\n", code.replace("\r\n", "\n")).strip("\n")


def _block(slow: str, fast: str) -> str:
    return f"// slower version:\n\n{slow}\n\n// optimized version of the same code:\n\n{fast}"
