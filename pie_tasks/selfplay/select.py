"""Stage 4: which proposals are kept. They print the same and are at least five times as fast."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from pie_tasks.selfplay.messages import brief
from pie_tasks.selfplay.novel import tests_of
from pie_tasks.selfplay.optimise import new_programs
from pie_tasks.selfplay.workspace import Workspace
from pie_tasks.training.normalise import normal_form
from sandbox.environment import Environment
from sandbox.types import Verdict
from scorers.extract import extract_code

STAGE = "select"
MIN_SPEEDUP = 5.0
"""The paper's."""
MAX_DUPLICATES = 3
"""Most pairs whose programs print the same (the paper's): those of one new program, as no two of them print the same."""


def select(
    workspace: Workspace,
    environment: Environment,
    min_speedup: float = MIN_SPEEDUP,
    max_duplicates: int = MAX_DUPLICATES,
    advance: Callable[[int], None] = lambda _: None,
) -> None:
    """Decide on the proposals of every new program that isn't decided on yet, or has further proposals since.

    Args:
        workspace: The run.
        environment: Its engine measures the speedups; its checker says what is right.
        min_speedup: Least speedup that is kept.
        max_duplicates: Most proposals of one program that are kept, the fastest ones.
        advance: Called with the number of programs done.

    Raises:
        SandboxError: The sandbox failed.
    """
    proposals: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in workspace.read("optimise"):
        proposals[line["id"]].append(line)
    decided = workspace.read(STAGE)
    counts = Counter(line["id"] for line in decided)
    done = {name for name, count in counts.items() if count == len(proposals[name])}
    if len(done) < len(counts):  # a kill amid the lines of one program, or more samples
        workspace.keep(STAGE, [line for line in decided if line["id"] in done])
    advance(len(done))
    for line in new_programs(workspace):
        if line["id"] in done or not proposals[line["id"]]:
            continue
        workspace.add(STAGE, _decide(line, proposals[line["id"]], environment, min_speedup, max_duplicates))
        advance(1)


def _decide(
    line: dict[str, Any],
    proposals: Sequence[dict[str, Any]],
    environment: Environment,
    min_speedup: float,
    max_duplicates: int,
) -> list[dict[str, Any]]:
    tests = tests_of(line)
    codes = [extract_code(proposal["answer"], line["code"]) for proposal in proposals]
    wanted = [line["code"], *(code for code in codes if code)]
    verdicts = dict(zip(wanted, environment.submit_many((code, line["id"], tests) for code in wanted), strict=True))
    source = verdicts[line["code"]]
    seen = {normal_form(line["code"]): "the slow program"}
    decisions: list[dict[str, Any]] = []
    for proposal, code in zip(proposals, codes, strict=True):
        decision = {"id": line["id"], "sample": proposal["sample"], "code": code, "dropped": None, "detail": ""}
        fault = _fault(code, seen, source, verdicts, min_speedup)
        if fault is not None:
            decision["dropped"], decision["detail"] = fault
        elif code is not None:
            decision |= {"src_seconds": source.seconds, "tgt_seconds": verdicts[code].seconds}
        if code is not None:
            seen.setdefault(normal_form(code), f"sample {proposal['sample']}")
        decisions.append(decision)
    kept = sorted(
        (one for one in decisions if one["dropped"] is None), key=lambda one: (one["tgt_seconds"], one["sample"])
    )
    for beyond in kept[max_duplicates:]:
        beyond["dropped"] = "beyond_duplicates"
        beyond["detail"] = f"{max_duplicates} faster ones print the same"
    return decisions


def _fault(
    code: str | None,
    seen: dict[tuple[str, ...], str],
    source: Verdict,
    verdicts: dict[str, Verdict],
    min_speedup: float,
) -> tuple[str, str] | None:
    if code is None:
        return "no_code", ""
    if normal_form(code) in seen:
        return "repeated", f"the same text as {seen[normal_form(code)]}"
    verdict = verdicts[code]
    if not verdict.correct or verdict.ticks is None:
        return verdict.status.value, brief(verdict.message)
    if source.ticks is None:
        return "source_without_time", brief(source.message)
    speedup = source.ticks / verdict.ticks
    return None if speedup >= min_speedup else ("too_slow", f"{speedup:.2f}x")
