"""Instruction only (the paper's figure 12)."""

from __future__ import annotations

from pie_tasks.dataset import PieRow, Split
from pie_tasks.prompts.base import STRATEGIES


@STRATEGIES.register("instruct")
def instruct(row: PieRow, split: Split) -> str:
    """The program and the request to improve its performance."""
    return (
        f"Given the program below, improve its performance:\n\n### Program:\n{row.src_code}\n\n### Optimized Version:\n"
    )
