"""Stage 3: a second model proposes faster versions of the new programs, asked as the benchmark asks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pie_tasks.dataset import PieRow, Split
from pie_tasks.prompts import build_prompt
from pie_tasks.selfplay.ask import ModelChoice, Request, ask
from pie_tasks.selfplay.workspace import Workspace

STAGE = "optimise"


def new_programs(workspace: Workspace) -> list[dict[str, Any]]:
    """The new programs: their decisions' lines, with ``code``."""
    codes = {line["id"]: line["code"] for line in workspace.read("generate")}
    return [{**line, "code": codes[line["id"]]} for line in workspace.read("novel") if line["dropped"] is None]


def optimise(
    workspace: Workspace,
    choice: ModelChoice,
    split: Split,
    *,
    strategy: str,
    samples: int,
    advance: Callable[[int], None] = lambda _: None,
) -> None:
    """Ask for ``samples`` faster versions of each new program; earlier answers are kept.

    Args:
        workspace: The run.
        choice: The model.
        split: Its training pairs are what few-shot and retrieval prompts show.
        strategy: The prompt strategy.
        samples: Answers a program.
        advance: Called with the number of answers that came.

    Raises:
        SandboxError: The model failed, or the strategy can't make its prompt.
    """
    done = {(line["id"], line["sample"]) for line in workspace.read(STAGE)}
    requests = []
    for line in new_programs(workspace):
        row = PieRow(line["id"], f"selfplay_{line['id']}", line["id"], "", line["code"], "")
        left = [sample for sample in range(samples) if (line["id"], sample) not in done]
        if left:
            prompt = build_prompt(strategy, row, split)
            requests += [Request(line["id"], sample, prompt) for sample in left]

    def keep(request: Request, answer: str) -> None:
        workspace.add(STAGE, [{"id": request.id, "sample": request.sample, "model": choice.name, "answer": answer}])
        advance(1)

    advance(len(done))
    ask(choice, requests, keep)
