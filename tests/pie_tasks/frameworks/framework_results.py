"""Reading the frameworks' result files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from inspect_ai.log import EvalLog, list_eval_logs, read_eval_log

Figures = dict[str, float]


def lm_eval_results(output: Path) -> dict[str, Any]:
    """The newest results file under lm-eval's output folder."""
    return dict(json.loads(sorted(output.glob("**/results_*.json"))[-1].read_text()))


def lm_eval_figures(output: Path, task: str, label: str) -> Figures:
    """The figures of a task, by their names without the filter's."""
    values = lm_eval_results(output)["results"][task]
    ending = f",{label}"
    return {
        name.removesuffix(ending): value
        for name, value in values.items()
        if name.endswith(ending) and "_stderr," not in name
    }


def lm_eval_samples(output: Path, task: str) -> list[dict[str, Any]]:
    """The newest samples file of a task."""
    file = sorted(output.glob(f"**/samples_{task}_2*.jsonl"))[-1]
    return [json.loads(line) for line in file.read_text().splitlines()]


def inspect_log(folder: Path) -> EvalLog:
    """The newest log in a folder."""
    return read_eval_log(list_eval_logs(str(folder))[0])


def inspect_figures(log: EvalLog, label: str) -> Figures:
    """The run's figures, by their names without the label."""
    assert log.results is not None
    score = next(score for score in log.results.scores if any(name.endswith(label) for name in score.metrics))
    return {name.removesuffix(f" {label}"): metric.value for name, metric in score.metrics.items()}
