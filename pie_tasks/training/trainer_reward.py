"""The reward in the form that trainers call: TRL's ``reward_funcs``, and others that pass completions and columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pie_tasks.dataset import Split
from sandbox.types import SandboxError
from scorers.evaluate import Evaluator, Settings
from scorers.reward import RewardOptions, rewards

Completion = str | Sequence[Mapping[str, Any]]
"""A text, or chat messages of which the last one counts."""


class TrainerReward:
    """``reward(completions=[...], pair_id=[...]) -> [float]``, the signature of TRL's GRPO trainer. A context manager.

    The data set that is trained on needs the column ``pair_id``, which ``pie train export --format hf`` writes.

    Args:
        split: Where the pairs and their tests are.
        settings: What to measure with.
        options: How a reward is made.

    Raises:
        SandboxError: Something that ``settings`` names is unknown or isn't here.
    """

    __name__ = "pie_reward"  # trainers log a reward under its function's name

    def __init__(self, split: Split, settings: Settings = Settings(), options: RewardOptions = RewardOptions()) -> None:  # noqa: B008
        self._split, self._options = split, options
        self._evaluator = Evaluator(settings)

    def __enter__(self) -> TrainerReward:
        return self

    def __exit__(self, *_: object) -> None:
        self._evaluator.close()

    def __call__(self, completions: Sequence[Completion], pair_id: Sequence[str], **_: object) -> list[float]:
        """The rewards of ``completions``, in their order.

        Args:
            completions: What the model answered.
            pair_id: The pair that each answer is for.

        Raises:
            SandboxError: A pair is unknown, or something outside the programs failed.
        """
        if len(completions) != len(pair_id):
            raise SandboxError(f"{len(completions)} completions for {len(pair_id)} pairs")
        pairs = {name: self._split.pair(self._split.row(name)) for name in dict.fromkeys(pair_id)}
        items = [(pairs[name], _text(completion)) for name, completion in zip(pair_id, completions, strict=True)]
        return [earned.value for earned in rewards(self._evaluator, items, self._options)]


def _text(completion: Completion) -> str:
    return completion if isinstance(completion, str) else str(completion[-1]["content"])
