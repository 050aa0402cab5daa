"""``inspect eval pie_tasks/pie --model pie/replay -M path=FILE``: recorded generations as an Inspect model."""

from __future__ import annotations

from typing import Any

from inspect_ai._util.error import PrerequisiteError  # what Inspect prints as one line, with exit code 1
from inspect_ai.model import ChatMessage, GenerateConfig, ModelAPI, ModelOutput, ModelUsage, modelapi
from inspect_ai.tool import ToolChoice, ToolInfo

from pie_tasks.models.recording import Recording
from sandbox.types import SandboxError


@modelapi(name="pie")
class ReplayAPI(ModelAPI):
    """Answers epoch i of a sample with its pair's i-th recorded sample.

    Which pair and epoch a request is for stands in the metadata of its last message, where the task's solver put it.

    Args:
        model_name: ``replay``.
        base_url: Unused.
        api_key: Unused.
        config: Unused.
        path: JSON lines of generations; the bundled answers for ``pie_mini`` where omitted.
    """

    def __init__(
        self,
        model_name: str,
        base_url: str | None = None,
        api_key: str | None = None,
        config: GenerateConfig = GenerateConfig(),  # noqa: B008  (the signature that Inspect calls)
        path: str | None = None,
        **_: Any,
    ) -> None:
        super().__init__(model_name, base_url, api_key, [], config)
        try:
            self._recording = Recording(path)
        except SandboxError as error:
            raise PrerequisiteError(f"pie: {error}") from None

    async def generate(
        self, input: list[ChatMessage], tools: list[ToolInfo], tool_choice: ToolChoice, config: GenerateConfig
    ) -> ModelOutput:
        """The recorded sample that the request is for."""
        request = input[-1].metadata or {}
        if "pair_id" not in request:
            raise SandboxError("the replay model answers the pie tasks' own solver only; leave out --solver")
        answer = self._recording.sample(request["pair_id"], request["epoch"] - 1)
        output = ModelOutput.from_content(self.model_name, answer)
        output.usage = ModelUsage()  # without it Inspect counts tokens, and fetches a tokenizer for that
        return output
