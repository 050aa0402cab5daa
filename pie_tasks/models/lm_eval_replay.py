"""``lm_eval --tasks pie_best8 --model pie_replay --model_args path=FILE``: recorded generations as an lm-eval model."""

from __future__ import annotations

from collections import Counter
from typing import Any

import lm_eval.models  # noqa: F401  (lm-eval loads its own models only while none is registered)
from lm_eval.api.instance import Instance
from lm_eval.api.model import LM
from lm_eval.api.registry import register_model

from pie_tasks.models.recording import Recording


@register_model("pie_replay")
class ReplayLM(LM):  # type: ignore[misc]
    """Answers the i-th request about a pair with the pair's i-th recorded sample.

    Args:
        path: JSON lines of generations; the bundled answers for ``pie_mini`` where omitted.
    """

    tokenizer_name = "pie_replay"

    def __init__(self, path: str | None = None, **_: Any) -> None:
        super().__init__()
        self._recording = Recording(path)

    def generate_until(self, requests: list[Instance], disable_tqdm: bool = False) -> list[str]:
        """The recorded samples, in the order of ``requests``."""
        seen: Counter[tuple[str | None, str]] = Counter()
        answers = []
        for request in requests:
            pair_id = request.doc["pair_id"]
            key = (request.task_name, pair_id)
            answers.append(self._recording.sample(pair_id, seen[key]))
            seen[key] += 1
        return answers

    def apply_chat_template(self, chat_history: list[dict[str, str]], add_generation_prompt: bool = True) -> str:
        """The messages as plain text; nothing reads it but a log."""
        return "\n\n".join(message["content"] for message in chat_history)

    def chat_template(self, chat_template: bool | str = False) -> str:
        """The template's name, as lm-eval records it."""
        return "pie_replay"

    def loglikelihood(self, requests: list[Instance]) -> list[tuple[float, bool]]:
        """Not something that a recording can tell."""
        raise NotImplementedError("pie_replay can only generate")

    def loglikelihood_rolling(self, requests: list[Instance]) -> list[float]:
        """Not something that a recording can tell."""
        raise NotImplementedError("pie_replay can only generate")
