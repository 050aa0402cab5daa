"""``--isolation none`` by every front door: refused in one line, or done and recorded wherever the run goes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from inspect_ai.log import read_eval_log

from sandbox.scheduler import DEFAULT_ENGINE
from tests.pie_tasks.frameworks.framework_results import inspect_figures, inspect_log, lm_eval_results
from tests.pie_tasks.frameworks.tiny_split import Run

LABEL = f"pie_test/{DEFAULT_ENGINE}@host!uncontained"
ALLOWED = {"HF_ALLOW_CODE_EVAL": "1", "PIE_TOOLCHAIN": "host"}


def _lm_eval(generations: Path, metadata: dict[str, Any]) -> list[object]:
    replay = ["--model", "pie_replay", "--model_args", f"path={generations},model=replay"]
    output = ["--log_samples", "--output_path", "out"]
    return ["lm_eval", "--tasks", "pie_best8", *replay, *output, "--metadata", json.dumps(metadata)]


def _inspect(generations: Path, *arguments: str) -> list[object]:
    return ["inspect", "eval", "pie_tasks/pie", "--model", "pie/replay", "-M", f"path={generations}", *arguments]


@pytest.fixture(params=["pie score", "lm_eval", "inspect"])
def commands(request: pytest.FixtureRequest, generations: Path) -> tuple[list[object], list[object]]:
    """A command that names no isolation, and the same one that also accepts it."""
    return {
        "pie score": (
            ["pie", "score", generations, "--isolation", "none"],
            ["pie", "score", generations, "--isolation", "none", "--accept-no-isolation", "-o", "scores.json"],
        ),
        "lm_eval": (
            _lm_eval(generations, {"isolation": "none"}),
            _lm_eval(generations, {"isolation": "none", "accept_no_isolation": True}),
        ),
        "inspect": (
            _inspect(generations, "-T", "isolation=none"),
            _inspect(generations, "-T", "isolation=none", "-T", "accept_no_isolation=true"),
        ),
    }[request.param]


@pytest.mark.parametrize("missing", ["both", "the option", "the variable"])
def test_refused(run: Run, commands: tuple[list[object], list[object]], missing: str, tmp_path: Path) -> None:
    command = commands[1 if missing == "the variable" else 0]
    ended = run(*command, cwd=tmp_path, env=ALLOWED if missing == "the option" else {})
    assert ended.returncode != 0
    said = ended.stdout + ended.stderr
    assert "Traceback" not in said
    assert said.count("without containment") == 1
    assert "--accept-no-isolation" in said
    assert "and set HF_ALLOW_CODE_EVAL=1" in " ".join(said.split())


@pytest.fixture(scope="module")
def folder(run: Run, generations: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the results of all three."""
    made = tmp_path_factory.mktemp("uncontained")
    option = ["--isolation", "none", "--accept-no-isolation"]
    for command in (
        ["pie", "score", generations, *option, "-o", "scores.json"],
        _lm_eval(generations, {"isolation": "none", "accept_no_isolation": True}),
        _inspect(generations, "-T", "isolation=none", "-T", "accept_no_isolation=true"),
    ):
        ended = run(*command, cwd=made, env=ALLOWED)
        assert ended.returncode == 0, ended.stdout + ended.stderr
        assert LABEL in ended.stdout
    return made


def test_recorded_in_every_result(folder: Path) -> None:
    scores = json.loads((folder / "scores.json").read_text())
    of_lm_eval = lm_eval_results(folder / "out")["configs"]["pie_best8"]["metadata"]["pie"]
    log = inspect_log(folder / "logs")
    assert log.samples is not None and log.samples[0].scores is not None
    of_inspect = log.samples[0].scores["pie_scorer"].metadata
    assert of_inspect is not None and log.eval.metadata is not None
    for found in (scores, of_lm_eval, of_inspect, log.eval.metadata):
        assert found["isolation"] == found["fingerprint"]["isolation"] == "none"
    assert scores["figures"]["%Correct@8"] == 100.0


def test_scoring_a_log_again_takes_both_words_again(run: Run, folder: Path) -> None:
    log = inspect_log(folder / "logs").location
    again = ("score", log, "--scorer", "pie_tasks/pie_scorer", "--action", "overwrite", "--output-file", "again.eval")
    chosen, accepted = ("-S", "isolation=none"), ("-S", "accept_no_isolation=true")
    for env, arguments in ((ALLOWED, chosen), ({}, (*chosen, *accepted))):
        ended = run("inspect", *again, *arguments, cwd=folder, env=env)
        assert ended.returncode != 0, (env, arguments)
        assert "without containment" in ended.stdout + ended.stderr
        assert not (folder / "again.eval").exists()
    ended = run("inspect", *again, *chosen, *accepted, cwd=folder, env=ALLOWED)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert inspect_figures(read_eval_log(str(folder / "again.eval")), LABEL) == inspect_figures(
        inspect_log(folder / "logs"), LABEL
    )


def test_recorded_in_bundles_reports_and_on_the_board(run: Run, folder: Path) -> None:
    ended = run("pie", "submit", "pack", "out", "-o", "bundles/run.zip", cwd=folder)
    assert ended.returncode == 0, ended.stderr
    report = run("pie", "report", "bundles/run.zip", "-o", "report.html", cwd=folder, env=ALLOWED)
    assert report.returncode == 0, report.stderr
    assert "ran without isolation" in " ".join(report.stdout.split())
    page = (folder / "report.html").read_text()
    assert "ran without isolation" in page
    assert "without containment" in page, "the report must not run anything uncontained for a bundle that says so"

    refused = run("pie", "submit", "verify", "bundles/run.zip", "--isolation", "none", cwd=folder, env=ALLOWED)
    assert refused.returncode == 2
    assert "verify it with an isolation" in refused.stderr
    verified = run("pie", "submit", "verify", "bundles/run.zip", "--all", "--record", cwd=folder)
    assert verified.returncode == 3, verified.stdout + verified.stderr
    assert "isolation: none in the bundle, nothing here" in verified.stderr

    assert run("pie", "leaderboard", "build", "bundles", "-o", "site", cwd=folder).returncode == 0
    rows = [row for table in json.loads((folder / "site" / "board.json").read_text()) for row in table["rows"]]
    assert {row["status"] for row in rows if row["bundle"] == "run.zip"} == {"not isolated"}
