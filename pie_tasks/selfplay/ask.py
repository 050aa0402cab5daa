"""Asking a model, any of Inspect's: ``openai/gpt-4``, ``vllm/...``, or ``pie/replay`` for recorded answers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.types import SandboxError

_AT_ONCE = 32
"""Requests under way; Inspect's own limits for a provider apply beneath."""


@dataclass(frozen=True)
class Request:
    """One question.

    Attributes:
        id: What it is about; recorded answers are found by it (``task_id``).
        sample: Which of several answers to it, from 0.
        prompt: The text.
    """

    id: str
    sample: int
    prompt: str


@dataclass(frozen=True)
class ModelChoice:
    """A model and how to sample it.

    Attributes:
        name: As Inspect names it.
        arguments: The model's own arguments (``path`` of the recorded answers, ``base_url`` …).
        temperature: Sampling temperature.
        top_p: Nucleus sampling.
        max_tokens: Longest answer, in tokens.
    """

    name: str
    arguments: Mapping[str, str]
    temperature: float = 0.7
    top_p: float | None = None
    max_tokens: int | None = None


def ask(choice: ModelChoice, requests: Sequence[Request], on_answer: Callable[[Request, str], None]) -> None:
    """Ask all ``requests``; ``on_answer`` is called as the answers come.

    Raises:
        SandboxError: The model can't be had, or a request failed; answers that came before have been handed on.
    """
    asyncio.run(_ask(choice, requests, on_answer))


async def _ask(choice: ModelChoice, requests: Sequence[Request], on_answer: Callable[[Request, str], None]) -> None:
    from inspect_ai.model import ChatMessageUser, GenerateConfig, get_model

    config = GenerateConfig(temperature=choice.temperature, top_p=choice.top_p, max_tokens=choice.max_tokens)
    try:
        arguments: dict[str, Any] = dict(choice.arguments)
        model: Any = get_model(choice.name, config=config, **arguments)
    except Exception as error:  # providers document no common error: a missing key, a missing library, an unknown name
        raise SandboxError(f"model {choice.name}: {_line(error)}") from None
    slots = asyncio.Semaphore(_AT_ONCE)

    async def one(request: Request) -> None:
        async with slots:
            # A seed a sample, for servers that honour seeds would answer all samples alike.
            message = ChatMessageUser(
                content=request.prompt, metadata={"pair_id": request.id, "epoch": request.sample + 1}
            )
            output = await model.generate([message], config=GenerateConfig(seed=request.sample))
        on_answer(request, output.completion)

    outcomes = await asyncio.gather(*(one(request) for request in requests), return_exceptions=True)
    faults = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    if faults:
        raise SandboxError(
            f"model {choice.name}: {_line(faults[0])} ({len(faults)} of {len(requests)} requests failed);"
            " run the same command again to go on"
        )


def _line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
