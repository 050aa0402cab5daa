"""How many programs each stage of a run let through, and why the others fell."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from pie_tasks.selfplay.workspace import Workspace


@dataclass(frozen=True)
class FunnelStep:
    """One stage.

    Attributes:
        name: What is left after it.
        count: How many.
        dropped: Reason -> how many it dropped.
        paper: How many the paper had; ``None`` where it doesn't say.
    """

    name: str
    count: int
    dropped: dict[str, int]
    paper: int | None = None


def funnel(workspace: Workspace) -> list[FunnelStep]:
    """The steps of a run, as far as it went."""
    sampled = workspace.read("generate")
    decided = workspace.read("novel")
    proposed = workspace.read("optimise")
    selected = workspace.read("select")
    kept = [line for line in selected if line["dropped"] is None]
    return [
        FunnelStep("programs sampled", len(sampled), {}, paper=10_000),
        FunnelStep("with code", sum(line["code"] is not None for line in sampled), _reasons(sampled)),
        FunnelStep("novel programs", sum(line["dropped"] is None for line in decided), _reasons(decided), paper=3_314),
        FunnelStep("optimisations proposed", len(proposed), {}),
        FunnelStep("pairs selected", len(kept), _reasons(selected), paper=1_485),
        FunnelStep("programs of selected pairs", len({line["id"] for line in kept}), {}),
    ]


def _reasons(lines: list[dict[str, object]]) -> dict[str, int]:
    return dict(Counter(str(line["dropped"]) for line in lines if line["dropped"] is not None).most_common())
