"""What the lm-eval task does beside scoring: files before scores, nothing executed without scoring, warnings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pie_tasks.generations import read_generations, write_generations
from pie_tasks.models.lm_eval_replay import ReplayLM
from pie_tasks.models.recording import Recording
from sandbox.types import SandboxError
from tests.pie_tasks.frameworks.tiny_split import LABEL, PAIRS, SAMPLES


def evaluate(generations: Path, task: str, metadata: dict[str, Any] | None = None, **arguments: Any) -> Any:
    """lm-eval's own evaluation of one task with the replay model, in this process."""
    import lm_eval
    from lm_eval.tasks import TaskManager

    from pie_tasks import lm_eval as folder

    metadata = {"split": "pie_test", **(metadata or {})}
    manager = TaskManager(include_path=folder.__path__[0], include_defaults=False, metadata=metadata)
    return lm_eval.simple_evaluate(
        model="pie_replay", model_args={"path": str(generations)}, tasks=[task], task_manager=manager, **arguments
    )


@pytest.fixture(autouse=True)
def tiny(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PIE_DATA_DIR", "PIE_CACHE_DIR", "PIE_STORE"):
        monkeypatch.setenv(name, environment[name])


def test_nothing_is_executed_under_predict_only(
    generations: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Any execution would leave a compiled program and a store; even an unknown engine is no hindrance."""
    monkeypatch.setenv("PIE_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("PIE_STORE", str(tmp_path / "store.sqlite"))
    monkeypatch.setenv("PIE_ENGINE", "none-here")
    results = evaluate(generations, "pie_best8", predict_only=True)
    samples = results["samples"]["pie_best8"]
    assert [len(sample["resps"]) for sample in samples] == [SAMPLES] * PAIRS
    assert all("candidates" not in sample["doc"] for sample in samples)
    assert not [file for file in tmp_path.rglob("*") if file.is_file()]


def test_generations_are_on_disk_before_scoring(
    generations: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault of the store ends the run; what the model said stays."""
    monkeypatch.setenv("PIE_CACHE_DIR", str(tmp_path / "cache"))
    from pie_tasks.lm_eval import task

    def fail(*_: object) -> None:
        raise MemoryError("scoring died")

    monkeypatch.setattr(task, "score_documents", fail)
    with pytest.raises(MemoryError):
        evaluate(generations, "pie_best8")
    (kept,) = (tmp_path / "cache" / "generations").glob("*.jsonl")
    assert Recording(kept).sample("p00001_s0_t0", 7) == Recording(generations).sample("p00001_s0_t0", 7)


def test_answers_that_could_not_be_kept_are_not_asked_for(
    generations: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ReplayLM, "generate_until", lambda *_: pytest.fail("the model was asked"))
    with pytest.raises(SandboxError, match=r"can't write generations to .*: Not a directory"):
        evaluate(generations, "pie_best8", {"generations": str(generations / "below" / "a file.jsonl")})


def test_answers_are_rescued_from_a_place_that_has_gone(
    generations: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    answers = read_generations(generations)
    with pytest.raises(SandboxError, match="they are in ") as caught:
        write_generations(generations / "below" / "a file.jsonl", answers)
    (rescued,) = tmp_path.glob("rescued-*")
    assert str(rescued) in str(caught.value)
    assert read_generations(rescued) == answers


def test_equal_samples_are_warned_of(generations: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    rows = [json.loads(line) for line in generations.read_text().splitlines()]
    equal = tmp_path / "equal.jsonl"
    equal.write_text(
        "".join(json.dumps({**row, "generated_answers": row["generated_answers"][:1] * 8}) + "\n" for row in rows)
    )
    results = evaluate(equal, "pie_best8")
    assert results["results"]["pie_best8"][f"distinct_samples,{LABEL}"] == 1.0
    assert "All 8 samples of every pair are equal" in caplog.text


def test_the_group_and_every_task_load() -> None:
    """On the bundled split, which has training pairs for every strategy."""
    from lm_eval.tasks import TaskManager

    from pie_tasks import lm_eval as folder

    manager = TaskManager(include_path=folder.__path__[0], include_defaults=False)
    assert manager.all_groups == ["pie"]
    loaded = manager.load(manager.all_subtasks)["tasks"]
    assert {name: task.options.k for name, task in loaded.items() if task.options.strategy == "instruct"} == {
        "pie_best1": 1, "pie_best8": 8, "pie_best40": 40,
    }  # fmt: skip
    assert {task.options.strategy for task in loaded.values()} == {
        "instruct", "few_shot", "cot", "perf_tag", "retrieval_k1", "retrieval_k2", "retrieval_k4",
    }  # fmt: skip


def test_a_model_without_room_for_the_prompt_is_refused() -> None:
    from pie_tasks.lm_eval.task import _check_room

    class Tokenizing:
        tokenized_requests, max_length = True, 2047

    with pytest.raises(SandboxError, match="max_length of 2048 tokens"):
        _check_room(Tokenizing(), 4096)
    _check_room(Tokenizing(), 1024)


def test_lm_evals_own_limit_works(generations: Path) -> None:
    results = evaluate(generations, "pie_best1", limit=1)
    assert results["n-samples"]["pie_best1"]["effective"] == 1
