"""What a framework's result files say of a run, before it is laid beside its split."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from scorers.records import Record, pair_score
from scorers.submission.run import About, Run, make_run


@dataclass(frozen=True)
class RawPair:
    """A pair as a result file has it.

    Attributes:
        pair_id: The pair.
        problem_id: Its problem.
        source: Evidence of the slow program.
        candidates: Evidence of each sample, in the order they were drawn.
        responses: Their texts.
    """

    pair_id: str
    problem_id: str
    source: Record
    candidates: Sequence[Record]
    responses: Sequence[str]


@dataclass(frozen=True)
class RawRun:
    """A run as a result file has it."""

    about: About
    pairs: Sequence[RawPair]

    def run(self, order: Sequence[str], given: Mapping[str, Any]) -> Run:
        """The run in its common form.

        Args:
            order: All pair ids of the split, in its order.
            given: Fields of the description that the submitter adds or corrects.

        Raises:
            SandboxError: Pairs are unknown, repeated or incomplete.
        """
        scores = [pair_score(one.pair_id, one.problem_id, one.source, one.candidates) for one in self.pairs]
        return make_run(replace(self.about, **given), scores, [one.responses for one in self.pairs], order)
