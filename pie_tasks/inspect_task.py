"""The Inspect task behind ``pie`` and its named variants."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from inspect_ai import Epochs, Task
from inspect_ai._util.error import PrerequisiteError  # what Inspect prints as one line, with exit code 1
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.log import HeadlineMetric
from inspect_ai.model import ChatMessageUser, GenerateConfig

from pie_tasks.inspect_scoring import ask, best_at, pie_scorer
from pie_tasks.options import Options
from pie_tasks.prompts import build_prompt
from sandbox.types import SandboxError
from scorers.inspect_scorer import shared_evaluator

VERSION = 1
TEMPERATURE = 0.7
"""The paper's."""


def pie_task(name: str, limit: int | None, chosen: Mapping[str, Any], fixed: Mapping[str, Any] | None = None) -> Task:
    """The task for a run's options.

    Args:
        name: The task's name.
        limit: Take only the split's first pairs.
        chosen: What the user chose; see :class:`pie_tasks.options.Options`. ``None`` means "not given".
        fixed: What the task's name decides.

    Raises:
        PrerequisiteError: An option is unknown or wrong, or something that scoring needs isn't here.
    """
    try:
        return _pie_task(name, limit, chosen, fixed or {})
    except SandboxError as error:
        raise PrerequisiteError(f"pie: {error}") from None


def _pie_task(name: str, limit: int | None, chosen: Mapping[str, Any], fixed: Mapping[str, Any]) -> Task:
    free = [option for option in Options.__dataclass_fields__ if option not in fixed]
    for option in chosen:
        if option not in free:
            raise SandboxError(f"{name} has no task argument {option!r}; choose from: {', '.join([*free, 'limit'])}")
    if limit is not None and (not isinstance(limit, int) or limit < 1):
        raise SandboxError(f"limit must be a whole number of at least 1, not {limit!r}")
    options = Options.resolve({**chosen, **fixed})
    split = options.load_scored()
    evaluator = shared_evaluator(options.settings())
    samples = [
        Sample(
            id=row.pair_id,
            input=[ChatMessageUser(content=build_prompt(options.strategy, row, split))],
            target=row.tgt_code,
            metadata={"problem_id": row.problem_id, "split": split.name, "position": position},
        )
        for position, row in enumerate(split.rows[:limit])
    ]
    return Task(
        dataset=MemoryDataset(samples, name=split.name),
        solver=ask(),
        scorer=pie_scorer(
            options.engine,
            options.toolchain,
            options.isolation,
            options.data_dir,
            all_tests=options.all_tests,
            timing_tests=options.timing_tests,
        ),
        epochs=Epochs(options.k, [best_at(options.k)]),
        config=GenerateConfig(temperature=TEMPERATURE),
        display_name=f"{name} ({options.split}, {options.engine})",
        version=VERSION,
        metadata={
            "split": split.name,
            "strategy": options.strategy,
            "k": options.k,
            "fingerprint": evaluator.fingerprint,
            "isolation": options.isolation,
        },
        headline_metric=HeadlineMetric(scorer="pie_scorer", score="speedup", metric="mean"),
    )
