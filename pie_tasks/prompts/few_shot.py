"""Two fixed pairs, then the question (figure 13).

The paper draws its pairs at random once. Here they are the two with the smallest hash of their ids, which is as good as
random and the same for everybody, among pairs of different problems that are short and gain something.
"""

from __future__ import annotations

from functools import lru_cache

from pie_tasks.dataset import PieRow, Split
from pie_tasks.prompts.base import STRATEGIES, examples_then_query, squeeze
from sandbox.types import SandboxError, sha256

PAIRS = 2
MAX_CHARACTERS = 1500
"""Length of a program in an example, as in the published prompts."""

MIN_SPEEDUP = 1.1


@STRATEGIES.register("few_shot")
def few_shot(row: PieRow, split: Split) -> str:
    """The fixed pairs of the split's training set, then the program."""
    return examples_then_query(fixed_pairs(split.train, row.problem_id), row)


def fixed_pairs(train: Split, problem_id: str) -> list[PieRow]:
    """The pairs that are shown for every row; another takes the place of one of the row's own problem.

    Raises:
        SandboxError: The training set has too few pairs.
    """
    pairs: list[PieRow] = []
    for pair in _ordered(train):
        if pair.problem_id not in {problem_id, *(shown.problem_id for shown in pairs)}:
            pairs.append(pair)
        if len(pairs) == PAIRS:
            return pairs
    raise SandboxError(
        f"few_shot needs {PAIRS} pairs of other problems in {train.name}, at least {MIN_SPEEDUP}x faster and at most"
        f" {MAX_CHARACTERS} characters a program; it has {len(pairs)}"
    )


@lru_cache(maxsize=4)
def _ordered(train: Split) -> tuple[PieRow, ...]:
    usable = (
        pair
        for pair in train.rows
        if (pair.speedup or 0.0) >= MIN_SPEEDUP
        and max(len(squeeze(pair.src_code)), len(squeeze(pair.tgt_code))) <= MAX_CHARACTERS
    )
    return tuple(sorted(usable, key=lambda pair: sha256(pair.pair_id.encode())))
