"""The entry point that Inspect loads: tasks, scorer, reducer, metric, solver and replay model register on import."""

from pie_tasks.inspect_scoring import ask, best_at, figures, pie_scorer
from pie_tasks.models.inspect_replay import ReplayAPI
from pie_tasks.pie import pie
from pie_tasks.pie_variants import (
    pie_best1,
    pie_best8,
    pie_best8_cot,
    pie_best8_few_shot,
    pie_best8_perf_tag,
    pie_best8_retrieval_k1,
    pie_best8_retrieval_k2,
    pie_best8_retrieval_k4,
    pie_best40,
)

__all__ = [
    "ReplayAPI",
    "ask",
    "best_at",
    "figures",
    "pie",
    "pie_best1",
    "pie_best8",
    "pie_best8_cot",
    "pie_best8_few_shot",
    "pie_best8_perf_tag",
    "pie_best8_retrieval_k1",
    "pie_best8_retrieval_k2",
    "pie_best8_retrieval_k4",
    "pie_best40",
    "pie_scorer",
]
