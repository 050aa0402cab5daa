"""The files that describe the benchmark to inspect_evals' register and to lm-eval's task list."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import yaml

from pie_tasks.dataset import load_split

ROOT = Path(__file__).parents[2]

REGISTER_FIELDS = {
    "full_title", "common_title", "description", "arxiv", "contributors", "tags", "tasks", "source", "metadata",
    "evaluation_report",
}  # fmt: skip


def test_register_entry_has_the_documented_fields() -> None:
    entry = yaml.safe_load((ROOT / "eval.yaml").read_text())
    assert set(entry) >= REGISTER_FIELDS
    assert re.fullmatch(r"https://arxiv\.org/abs/\d{4}\.\d{5}", entry["arxiv"])
    assert isinstance(entry["contributors"], list) and isinstance(entry["tags"], list)
    assert re.fullmatch(r"[0-9a-f]{40}", entry["source"]["repository_commit"])


def test_register_entry_names_tasks_that_exist_with_their_sizes() -> None:
    from inspect_ai._util.registry import is_registry_object, registry_info

    entry = yaml.safe_load((ROOT / "eval.yaml").read_text())
    pairs = len(load_split("pie_mini").rows)
    for task in entry["tasks"]:
        module = importlib.import_module(task["task_path"].removesuffix(".py").replace("/", "."))
        function = getattr(module, task["name"])
        assert is_registry_object(function) and registry_info(function).type == "task"
        assert task["dataset_samples"] == pairs


def test_lm_eval_readme_has_the_sections_of_its_template_and_names_every_task() -> None:
    folder = ROOT / "pie_tasks" / "lm_eval"
    text = (folder / "README.md").read_text()
    for heading in (
        "### Paper",
        "### Citation",
        "### Groups, Tags, and Tasks",
        "#### Groups",
        "#### Tasks",
        "### Checklist",
        "### Changelog",
    ):
        assert heading in text
    tasks = {path.stem for path in folder.glob("*.yaml")}
    named = set(re.findall(r"`(pie[a-z0-9_]*)`", text)) - {"pie_mini", "pie_test", "pie_compat"}
    assert named == tasks
