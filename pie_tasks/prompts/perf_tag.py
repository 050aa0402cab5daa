"""Performance-conditioned generation: ask for a program that scores 10 of 10.

Models fine-tuned for this have seen exactly this form with the tag of each training pair, so its wording is fixed.
"""

from __future__ import annotations

from pie_tasks.dataset import PieRow, Split
from pie_tasks.prompts.base import STRATEGIES
from sandbox.types import SandboxError

BEST_TAG = 10


@STRATEGIES.register("perf_tag")
def perf_tag(row: PieRow, split: Split) -> str:
    """The program with the best tag."""
    return tagged_prompt(row, BEST_TAG)


def tagged_prompt(row: PieRow, tag: int) -> str:
    """The program and the request for a version with score ``tag`` of 10.

    Raises:
        SandboxError: The tag isn't 1 to 10.
    """
    if tag not in range(1, BEST_TAG + 1):
        raise SandboxError(f"a performance tag is an integer from 1 to {BEST_TAG}, not {tag}")
    return (
        f"This is a slow program we want to optimize {tag}/{BEST_TAG}. ### Program:\n{row.src_code}\n\n"
        f"### Optimized Version with score {tag}/{BEST_TAG}:\n"
    )


def training_text(row: PieRow, tag: int | None = None) -> str:
    """What a model is trained on: the prompt with a tag, and the fast program.

    Args:
        row: A training pair.
        tag: 1 to 10; the row's own where omitted.

    Raises:
        SandboxError: No tag is given and the row has none, or it isn't 1 to 10.
    """
    tag = row.perf_tag if tag is None else tag
    if tag is None:
        raise SandboxError(f"pair {row.pair_id} has no performance tag")
    return tagged_prompt(row, tag) + row.tgt_code
