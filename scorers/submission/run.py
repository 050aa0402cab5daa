"""A run in its common form, whichever program produced it: what it was, what the model said, what that was worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sandbox.types import SandboxError
from scorers.metrics.names import clock_label, run_label
from scorers.types import PairScore


@dataclass(frozen=True)
class About:
    """What a run was. All of it stands in a bundle's manifest.

    Attributes:
        model: The model's name.
        split: The data set split's name.
        split_sha256: Its content's hash.
        strategy: The prompt strategy.
        k: Samples drawn for each pair.
        fingerprint: What decides every time: engine, its parameters, toolchain, and ``sha256`` over all of it.
        engine: The engine's name.
        toolchain: The toolchain root's name.
        isolation: What contained the programs.
        task: The task's name in its framework.
        source: Where the run comes from: ``lm-eval``, ``inspect`` or ``jsonl``.
        model_args: What the model was loaded or called with.
        sampling: Sampling parameters.
        packages: Package -> version.
        date: When the run was made (ISO 8601, UTC), where that is recorded.
        contact: Who answers questions.
        training_data: What the model was trained on, as far as it concerns the benchmark.
        notes: Anything else.
    """

    model: str
    split: str
    split_sha256: str
    strategy: str
    k: int
    fingerprint: Mapping[str, str]
    engine: str
    toolchain: str
    isolation: str
    task: str = ""
    source: str = "jsonl"
    model_args: Mapping[str, Any] = field(default_factory=dict)
    sampling: Mapping[str, Any] = field(default_factory=dict)
    packages: Mapping[str, str] = field(default_factory=dict)
    date: str | None = None
    contact: str = ""
    training_data: str = ""
    notes: str = ""

    @property
    def timing_tests(self) -> int | None:
        """How many tests of a problem were timed, where that isn't all."""
        number = self.fingerprint.get("timing_tests")
        return None if number is None else int(number)

    @property
    def clock(self) -> str:
        """Engine, root and share of tests: what other machines can measure with too."""
        return clock_label(self.engine, self.toolchain, self.timing_tests)

    @property
    def label(self) -> str:
        """Split and clock, as they stand beside every figure."""
        return run_label(self.split, self.engine, self.toolchain, self.isolation, self.timing_tests)


@dataclass(frozen=True)
class Run:
    """A whole run.

    Attributes:
        about: What it was.
        scores: One score a pair, in the split's order.
        responses: The model's texts, pair by pair as in ``scores``.
    """

    about: About
    scores: tuple[PairScore, ...]
    responses: tuple[tuple[str, ...], ...]

    @property
    def name(self) -> str:
        """The run in one line."""
        return f"{self.about.model}, {self.about.strategy}, best@{self.about.k}, {self.about.label}"


def make_run(
    about: About, scores: Sequence[PairScore], responses: Sequence[Sequence[str]], order: Sequence[str]
) -> Run:
    """A run in the split's order.

    Args:
        about: What the run was.
        scores: Its pairs, in any order.
        responses: The texts of each pair, in the order of ``scores``.
        order: All pair ids of the split, in its order.

    Raises:
        SandboxError: A pair is unknown, repeated, or has another number of samples than the run's k.
    """
    place = {pair_id: index for index, pair_id in enumerate(order)}
    seen: set[str] = set()
    for score, texts in zip(scores, responses, strict=True):
        if score.pair_id not in place:
            raise SandboxError(f"the run's pair {score.pair_id} is not in split {about.split}; was the split changed?")
        if score.pair_id in seen:
            raise SandboxError(f"the run has pair {score.pair_id} twice")
        seen.add(score.pair_id)
        if not len(texts) == len(score.candidates) == about.k:
            raise SandboxError(f"pair {score.pair_id} has {len(texts)} samples, the run's k is {about.k}")
    if not scores:
        raise SandboxError("the run has no pairs")
    rows = sorted(zip(scores, responses, strict=True), key=lambda row: place[row[0].pair_id])
    return Run(about, tuple(score for score, _ in rows), tuple(tuple(texts) for _, texts in rows))
