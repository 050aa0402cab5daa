"""From Inspect's samples to the shared scorer, and from its scores to Inspect's.

Nothing is registered here: Inspect names what it registers after the installed distribution, so that a log can be
scored again elsewhere, and that name belongs to ``pie_tasks``.
"""

from __future__ import annotations

import atexit
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from inspect_ai.scorer import SampleScore, Score

from sandbox.types import sha256
from scorers.evaluate import Evaluator, Settings
from scorers.figures import HEADLINE, pair_figures
from scorers.figures import run_figures as figures_of_run
from scorers.metrics import pair_metrics
from scorers.records import candidate_record, pair_score, source_record
from scorers.types import Pair, PairScore

_EVALUATORS: dict[str, Evaluator] = {}


def shared_evaluator(settings: Settings) -> Evaluator:
    """One pool of workers a process for equal settings: the gate that all samples and epochs share.

    Settings count as equal whether or not they accept ``none`` as an isolation, and wherever their workers are: neither
    changes a measurement, and neither may be taken from a log, so the process remembers what it was told first.

    Raises:
        SandboxError: As :class:`scorers.evaluate.Evaluator`.
    """
    key = repr(replace(settings, accept_no_isolation=False, executor=""))
    if key not in _EVALUATORS:
        _EVALUATORS[key] = Evaluator(settings)
        atexit.register(_EVALUATORS[key].close)
    return _EVALUATORS[key]


async def score_response(evaluator: Evaluator, pair: Pair, response: str, place: Mapping[str, Any]) -> Score:
    """Inspect's score of one response: what it is worth as a value, why in words, and the evidence as metadata.

    Args:
        evaluator: What measures.
        pair: The sample's pair.
        response: The model's answer.
        place: Where the response belongs: ``epoch`` (which of the pair's samples it is) and ``position`` (the pair's in
            its split); also what else is to be kept beside the evidence.

    Raises:
        SandboxError: The response could not be judged. Inspect marks the sample as errored; it isn't scored.
    """
    score = await evaluator.evaluate_one(pair, response)
    figures = pair_metrics(score, 1, HEADLINE)
    return Score(
        value={name: figures[name] for name in ("optimized", "speedup", "correct")},
        answer=score.candidates[0].code,
        explanation=explain(score),
        metadata={
            "pair_id": score.pair_id,
            "problem_id": score.problem_id,
            "source": source_record(score),
            "candidate": candidate_record(score.candidates[0]),
            "response_sha256": sha256(response.encode(errors="surrogatepass")),
            "fingerprint": evaluator.fingerprint,
            "engine": evaluator.settings.engine,
            "toolchain": evaluator.settings.toolchain,
            "isolation": evaluator.settings.isolation,
            **place,
        },
    )


def explain(score: PairScore) -> str:
    """One paragraph for the log viewer: verdict, times, speedup, and what failed."""
    candidate = score.candidates[0]
    verdict, source = candidate.verdicts[HEADLINE], score.source[HEADLINE]
    words = [f"{verdict.status.value}."]
    if verdict.ticks is not None and source.ticks is not None:
        words.append(
            f"{verdict.seconds * 1000:.4g} ms against {source.seconds * 1000:.4g} ms: "
            f"speedup {candidate.speedups[HEADLINE]:.4g}."
        )
    if verdict.message:
        words.append(verdict.message)
    strict = candidate.verdicts["strict"]
    if strict.correct != verdict.correct:
        words.append(f"The strict checker says {strict.status.value}.")
    if candidate.flags:
        words.append(f"Flags: {', '.join(candidate.flags)}.")
    return " ".join(words)


def best_score(scores: Sequence[Score]) -> Score:
    """The best of a sample's epochs, key by key, and from how many epochs it was taken."""
    values = [score.as_dict() for score in scores if isinstance(score.value, dict)]
    best = {name: max(float(value[name] or 0.0) for value in values) for name in values[0]}
    return Score(value=dict(best), metadata={**(scores[0].metadata or {}), "samples": len(values)})


def run_figures(scores: Sequence[SampleScore]) -> dict[str, float]:
    """The run's figures from the scores of all epochs.

    Pairs count in the split's order and candidates in the order of epochs, in whatever order they were scored.
    """
    groups: dict[str, list[dict[str, Any]]] = {}
    for score in scores:
        evidence = score.score.metadata or {}
        groups.setdefault(evidence["pair_id"], []).append(evidence)
    for group in groups.values():
        group.sort(key=lambda evidence: int(evidence["epoch"]))
    ordered = sorted(groups.values(), key=lambda group: int(group[0]["position"]))
    pairs = [_pair_score(group) for group in ordered]
    responses = [[evidence["response_sha256"] for evidence in group] for group in ordered]
    problems = [pair.problem_id for pair in pairs]
    return figures_of_run(pair_figures(pairs, responses), max(map(len, responses)), problems)


def _pair_score(group: Sequence[dict[str, Any]]) -> PairScore:
    first = group[0]
    source = max((evidence["source"] for evidence in group), key=lambda record: len(record["tests"]))
    return pair_score(first["pair_id"], first["problem_id"], source, [evidence["candidate"] for evidence in group])
