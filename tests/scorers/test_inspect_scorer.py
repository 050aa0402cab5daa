"""One response as Inspect's scorer sees it."""

from __future__ import annotations

import asyncio
from pathlib import Path

from sandbox.types import TestCase
from scorers.evaluate import Evaluator, Settings
from scorers.inspect_scorer import score_response
from scorers.types import Pair

PAIR = Pair("p1_a_b", "p1", "int main() {}", (TestCase("0", b"", b"x\n"),))


def test_half_an_emoji_is_a_response_like_any_other(tmp_path: Path) -> None:
    """As an answer may end that a limit on tokens cut off."""
    settings = Settings(engine="cachegrind", toolchain="host", store=tmp_path / "store.sqlite", workers=1)
    with Evaluator(settings) as evaluator:
        score = asyncio.run(score_response(evaluator, PAIR, "I can't. \ud83d", {}))
    assert score.value == {"optimized": 0.0, "speedup": 1.0, "correct": 0.0}
