"""Stage 1: a model writes new programs from sampled examples."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import asdict

from pie_tasks.prompts.base import squeeze
from pie_tasks.selfplay.ask import ModelChoice, Request, ask
from pie_tasks.selfplay.seeds import Seed
from pie_tasks.selfplay.workspace import Workspace
from scorers.extract import extract_code

STAGE = "generate"


def generation_prompt(example: str, seed: str) -> str:
    """The published request for a new program: two programs, and one that reads what the second reads."""
    return (
        f"Code 1:\n{squeeze(example)}\n\nCode 2:\n{squeeze(seed)}\n\n"
        "Now, can you generate a C++ program that takes that same input as Code 2 in Code 3 but produces different outputs?"
        " Write it to be as novel as possible.\nCode 3:\n"
    )


def generate(
    workspace: Workspace,
    choice: ModelChoice,
    *,
    seeds: Sequence[Seed],
    examples: Sequence[str],
    count: int,
    seed: int,
    advance: Callable[[int], None] = lambda _: None,
) -> None:
    """Sample ``count`` programs; what an earlier call sampled is kept and not asked for again.

    Args:
        workspace: The run.
        choice: The model.
        seeds: Problems whose inputs the programs read, taken in turn.
        examples: Programs to show besides.
        count: Programs to sample.
        seed: Decides the examples.
        advance: Called with the number of answers that came.

    Raises:
        SandboxError: The model failed.
    """
    done = {line["id"] for line in workspace.read(STAGE)}
    requests: list[Request] = []
    problems: dict[str, str] = {}
    for number in range(count):
        name = f"g{number:05}"
        problem = seeds[number % len(seeds)]
        problems[name] = problem.problem_id
        if name not in done:
            example = random.Random(f"{seed} {name}").choice(examples)
            requests.append(Request(name, 0, generation_prompt(example, problem.code)))

    def keep(request: Request, answer: str) -> None:
        code = extract_code(answer)
        line = {
            "id": request.id,
            "seed_problem": problems[request.id],
            "model": choice.name,
            "answer": answer,
            "code": code,
            "dropped": None if code else "no_code",
        }
        workspace.add(STAGE, [line])
        advance(1)

    advance(count - len(requests))
    ask(choice, requests, keep)


def generation_options(choice: ModelChoice, **others: object) -> dict[str, object]:
    """What a run notes of this stage."""
    return {"model": asdict(choice), **others}
