"""Chain of thought (figure 14): a strategy in words, then the program.

The paper asks twice, first for the strategy and then for the program; here one answer holds both, so that a sample is
one response in every framework.
"""

from __future__ import annotations

from pie_tasks.dataset import PieRow, Split
from pie_tasks.prompts.base import STRATEGIES


@STRATEGIES.register("cot")
def cot(row: PieRow, split: Split) -> str:
    """The program and the request for a strategy and the version that follows it."""
    return (
        f"// slower program:\n\n{row.src_code}\n\n"
        "Give a potential strategy for improving the program. Then, under the heading\n"
        '"// optimized version of the same code with the strategy mentioned above:", write the complete program.\n\n'
        "Strategy: "
    )
