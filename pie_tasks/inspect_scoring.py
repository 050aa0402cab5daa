"""What Inspect finds by name when it scores a run, or scores a log again: scorer, reducer, metric, solver."""

from __future__ import annotations

from dataclasses import replace
from threading import Lock

import anyio.to_thread
from inspect_ai.scorer import (
    Metric,
    SampleScore,
    Score,
    Scorer,
    ScoreReducer,
    Target,
    Value,
    mean,
    metric,
    score_reducer,
    scorer,
    stderr,
)
from inspect_ai.solver import Generate, Solver, TaskState, solver

from pie_tasks.options import Options
from scorers.inspect_scorer import best_score, run_figures, score_response, shared_evaluator
from scorers.types import Pair


@solver
def ask() -> Solver:
    """Ask for one program. The request carries its pair and epoch, which the replay model answers by."""

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        state.user_prompt.metadata = {"pair_id": state.sample_id, "epoch": state.epoch}
        return await generate(state)

    return solve


@score_reducer
def best_at(k: int) -> ScoreReducer:
    """The best of a pair's samples, key by key; its metadata says how many there were.

    Args:
        k: Samples drawn for each pair. It stands in the reducer's name (``best_at_8``).
    """

    def reduce(scores: list[Score]) -> Score:
        return best_score(scores)

    return reduce


@metric(scores="unreduced")
def figures() -> Metric:
    """The benchmark's figures over all pairs and samples, the same as in lm-eval's table."""

    def compute(scores: list[SampleScore]) -> Value:
        if not scores:
            return {}
        label = (scores[0].score.metadata or {})["label"]
        return {f"{name} {label}": value for name, value in run_figures(scores).items()}

    return compute


@scorer(
    metrics=[
        figures(),
        {name: [mean(), stderr(cluster="problem_id")] for name in ("optimized", "speedup", "correct")},
    ]
)
def pie_scorer(
    engine: str | None = None,
    toolchain: str | None = None,
    isolation: str | None = None,
    data_dir: str | None = None,
    accept_no_isolation: bool | None = None,
    *,
    executor: str | None = None,
    all_tests: bool | None = None,
    timing_tests: int | None = None,
) -> Scorer:
    """Compile, check and time one response. Its arguments are those of ``inspect score -S``.

    Args:
        engine: What measures time.
        toolchain: Root that compiles and runs.
        isolation: What contains the programs.
        data_dir: Folder of the official files, where a log is scored on another machine.
        accept_no_isolation: That the isolation may be ``none``. A task doesn't pass it on, so that it isn't in the log:
            who scores a log again says it anew.
        executor: Where the workers are. Not passed on either: a stranger's log must not choose whom this process calls.
        all_tests: Run all tests also after a failure.
        timing_tests: Time only so many tests of each problem.
    """
    options = Options.resolve(
        {
            "engine": engine,
            "toolchain": toolchain,
            "isolation": isolation,
            "data_dir": data_dir,
            "accept_no_isolation": accept_no_isolation,
            "executor": executor,
            "all_tests": all_tests,
            "timing_tests": timing_tests,
        }
    )
    evaluator = shared_evaluator(options.settings())

    async def score(state: TaskState, target: Target) -> Score:
        run = replace(options, split=state.metadata["split"])
        pair, split_sha256 = await anyio.to_thread.run_sync(_load_pair, run, str(state.sample_id))
        return await score_response(
            evaluator,
            pair,
            state.output.completion,
            {
                "epoch": state.epoch,
                "position": state.metadata["position"],
                "label": run.label,
                "split_sha256": split_sha256,
            },
        )

    return score


_LOADING = Lock()


def _load_pair(options: Options, pair_id: str) -> tuple[Pair, str]:
    """A pair with its tests, and its split's hash; one thread at a time, for all want the same files."""
    with _LOADING:
        split = options.load()
        return split.pair(split.row(pair_id)), split.content_sha256
