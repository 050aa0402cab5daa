"""Eight different samples are really drawn through API models, over HTTP, by both frameworks."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from tests.pie_tasks.frameworks.framework_results import inspect_figures, inspect_log, lm_eval_figures
from tests.pie_tasks.frameworks.stub_server import stub_server
from tests.pie_tasks.frameworks.tiny_split import LABEL, PAIRS, SAMPLES, Run


def test_lm_eval_draws_distinct_samples(run: Run, tmp_path: Path) -> None:
    """The server honours seeds, so one seed for all requests would give equal samples."""
    with stub_server(honour_seeds=True) as stub:
        ended = run(
            "lm_eval",
            "--tasks",
            "pie_best8",
            "--model",
            "local-chat-completions",
            "--apply_chat_template",
            "--model_args",
            f"base_url={stub.url}/chat/completions,model=stub,num_concurrent=4",
            "--output_path",
            "out",
            cwd=tmp_path,
        )
    assert ended.returncode == 0, ended.stderr
    assert lm_eval_figures(tmp_path / "out", "pie_best8", LABEL)["distinct_samples"] == SAMPLES
    seeds = Counter((request["messages"][-1]["content"], request["seed"]) for request in stub.requests)
    assert len(seeds) == PAIRS * SAMPLES and set(seeds.values()) == {1}
    assert {request["max_tokens"] for request in stub.requests} == {4096}
    assert {request["temperature"] for request in stub.requests} == {0.7}
    assert not any(request.get("stop") and any(request["stop"]) for request in stub.requests)


def test_inspect_draws_distinct_samples(run: Run, tmp_path: Path) -> None:
    with stub_server(honour_seeds=False) as stub:
        ended = run(
            "inspect",
            "eval",
            "pie_tasks/pie",
            "--model",
            "openai/gpt-4",
            "--log-dir",
            "logs",
            cwd=tmp_path,
            env={"OPENAI_BASE_URL": stub.url, "OPENAI_API_KEY": "none"},
        )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    log = inspect_log(tmp_path / "logs")
    assert log.status == "success"
    assert len(stub.requests) == PAIRS * SAMPLES
    assert inspect_figures(log, LABEL)["distinct_samples"] == SAMPLES
