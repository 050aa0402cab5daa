"""The benchmark's named variants as Inspect tasks (``inspect eval pie_tasks/pie_best1``), named as in lm-eval.

Each takes the arguments of :func:`pie_tasks.pie.pie` that its name leaves open.
"""

from __future__ import annotations

from typing import Any

from inspect_ai import Task, task

from pie_tasks.inspect_task import pie_task


@task
def pie_best1(limit: int | None = None, **options: Any) -> Task:
    """One sample a pair."""
    return pie_task("pie_best1", limit, options, {"k": 1, "strategy": "instruct"})


@task
def pie_best8(limit: int | None = None, **options: Any) -> Task:
    """Eight samples a pair."""
    return pie_task("pie_best8", limit, options, {"k": 8, "strategy": "instruct"})


@task
def pie_best40(limit: int | None = None, **options: Any) -> Task:
    """Forty samples a pair."""
    return pie_task("pie_best40", limit, options, {"k": 40, "strategy": "instruct"})


@task
def pie_best8_few_shot(limit: int | None = None, **options: Any) -> Task:
    """Two fixed pairs before the question."""
    return pie_task("pie_best8_few_shot", limit, options, {"k": 8, "strategy": "few_shot"})


@task
def pie_best8_cot(limit: int | None = None, **options: Any) -> Task:
    """Thoughts before the program."""
    return pie_task("pie_best8_cot", limit, options, {"k": 8, "strategy": "cot"})


@task
def pie_best8_perf_tag(limit: int | None = None, **options: Any) -> Task:
    """The question asks for the best performance tag."""
    return pie_task("pie_best8_perf_tag", limit, options, {"k": 8, "strategy": "perf_tag"})


@task
def pie_best8_retrieval_k1(limit: int | None = None, **options: Any) -> Task:
    """The nearest training pair before the question."""
    return pie_task("pie_best8_retrieval_k1", limit, options, {"k": 8, "strategy": "retrieval_k1"})


@task
def pie_best8_retrieval_k2(limit: int | None = None, **options: Any) -> Task:
    """The two nearest training pairs before the question."""
    return pie_task("pie_best8_retrieval_k2", limit, options, {"k": 8, "strategy": "retrieval_k2"})


@task
def pie_best8_retrieval_k4(limit: int | None = None, **options: Any) -> Task:
    """The four nearest training pairs before the question."""
    return pie_task("pie_best8_retrieval_k4", limit, options, {"k": 8, "strategy": "retrieval_k4"})
