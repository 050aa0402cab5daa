"""The benchmark as an Inspect task: ``inspect eval pie_tasks/pie --model ...`` from anywhere, or this file by its path.

This file holds one task, because Inspect runs all tasks of a file that it is given; the named ones are in
:mod:`pie_tasks.pie_variants`.
"""

from __future__ import annotations

from typing import Any

from inspect_ai import Task, task

from pie_tasks.inspect_task import pie_task


@task
def pie(
    k: int = 8,
    strategy: str = "instruct",
    *,
    split: str | None = None,
    engine: str | None = None,
    toolchain: str | None = None,
    isolation: str | None = None,
    accept_no_isolation: bool | None = None,
    data_dir: str | None = None,
    executor: str | None = None,
    all_tests: bool | None = None,
    timing_tests: int | None = None,
    limit: int | None = None,
    **unknown: Any,
) -> Task:
    """Make slow C++ programs faster, and be scored by simulated time.

    Args:
        k: Samples drawn for each pair; the best one counts.
        strategy: Prompt strategy.
        split: Data set split.
        engine: What measures time.
        toolchain: Root that compiles and runs the programs.
        isolation: What contains them.
        accept_no_isolation: That the isolation may be ``none``; ``HF_ALLOW_CODE_EVAL=1`` is needed too.
        data_dir: Folder of the official files.
        executor: Where the workers are: ``local``, ``local-cluster`` or a Dask scheduler's address.
        all_tests: Run all tests also after a failure, for full accuracies.
        timing_tests: Time only so many tests of each problem.
        limit: Take only the split's first pairs.
        unknown: Rejected; Inspect itself would only warn of a misspelt argument and run without it.
    """
    chosen = {
        "k": k,
        "strategy": strategy,
        "split": split,
        "engine": engine,
        "toolchain": toolchain,
        "isolation": isolation,
        "accept_no_isolation": accept_no_isolation,
        "data_dir": data_dir,
        "executor": executor,
        "all_tests": all_tests,
        "timing_tests": timing_tests,
    }
    return pie_task("pie", limit, {**chosen, **unknown})
