"""Prompt strategies, one a file; ``build_prompt("instruct", row, split)`` makes a prompt."""

from pie_tasks.prompts import cot, few_shot, instruct, retrieval  # noqa: F401  (they register themselves)
from pie_tasks.prompts.base import STOP, STRATEGIES, Strategy, build_prompt
from pie_tasks.prompts.perf_tag import tagged_prompt, training_text

__all__ = ["STOP", "STRATEGIES", "Strategy", "build_prompt", "tagged_prompt", "training_text"]
