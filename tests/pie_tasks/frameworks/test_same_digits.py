"""The same completions through lm-eval, Inspect and ``pie score``: the user's own commands, real processes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from inspect_ai.log import EvalLog, read_eval_log

from tests.pie_tasks.frameworks.framework_results import (
    Figures,
    inspect_figures,
    inspect_log,
    lm_eval_figures,
    lm_eval_results,
    lm_eval_samples,
)
from tests.pie_tasks.frameworks.tiny_split import LABEL, PAIRS, SAMPLES, Run


@pytest.fixture(scope="module")
def lm_eval_run(run: Run, generations: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A finished lm-eval run in an unrelated folder: its output folder and what it printed."""
    folder = tmp_path_factory.mktemp("lm_eval")
    ended = run(
        "lm_eval",
        "--tasks",
        "pie_best8",
        "--model",
        "pie_replay",
        "--model_args",
        f"path={generations},model=replay",
        "--log_samples",
        "--output_path",
        folder / "out",
        cwd=folder,
    )
    assert ended.returncode == 0, ended.stderr
    return folder / "out", ended.stdout


@pytest.fixture(scope="module")
def inspect_run(run: Run, generations: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[EvalLog, str, Path]:
    """A finished Inspect run in an unrelated folder: its log, what it printed, and the folder."""
    folder = tmp_path_factory.mktemp("inspect")
    ended = run("inspect", "eval", "pie_tasks/pie", "--model", "pie/replay", "-M", f"path={generations}", cwd=folder)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    log = inspect_log(folder / "logs")
    assert log.status == "success"
    return log, ended.stdout, folder


@pytest.fixture(scope="module")
def pie_score(run: Run, generations: Path, tmp_path_factory: pytest.TempPathFactory) -> Figures:
    folder = tmp_path_factory.mktemp("pie")
    ended = run("pie", "score", generations, "--output", "scores.json", cwd=folder)
    assert ended.returncode == 0, ended.stderr
    assert LABEL in ended.stdout
    return dict(json.loads((folder / "scores.json").read_text())["figures"])


def test_all_three_give_the_same_digits(
    lm_eval_run: tuple[Path, str], inspect_run: tuple[EvalLog, str, Path], pie_score: Figures
) -> None:
    assert lm_eval_figures(lm_eval_run[0], "pie_best8", LABEL) == pie_score
    assert inspect_figures(inspect_run[0], LABEL) == pie_score


def test_figures_are_those_of_the_answers(pie_score: Figures) -> None:
    assert pie_score["%Correct@1"] == pie_score["%Correct@8"] == 100.0
    assert pie_score["%Optimized@8"] == 100.0
    assert pie_score["Speedup@8"] > pie_score["Speedup@1"] > 1.0
    assert pie_score["Speedup@8/all_submissions"] >= pie_score["Speedup@8"]
    assert pie_score["distinct_samples"] == SAMPLES


def test_tables_name_split_and_engine(lm_eval_run: tuple[Path, str], inspect_run: tuple[EvalLog, str, Path]) -> None:
    table = lm_eval_run[1]
    for figure in ("%Optimized@1", "Speedup@1", "%Correct@1", "%Optimized@8", "Speedup@8", "%Correct@8"):
        assert any(LABEL in line and figure in line for line in table.splitlines()), figure
        assert f"{figure} {LABEL}" in inspect_run[1]


def test_lm_eval_samples_carry_evidence_and_no_tests(lm_eval_run: tuple[Path, str]) -> None:
    samples = lm_eval_samples(lm_eval_run[0], "pie_best8")
    assert len(samples) == PAIRS
    for sample in samples:
        candidates = sample["doc"]["candidates"]
        verdicts = [candidate["pie_compat"]["verdict"] for candidate in candidates]
        assert verdicts == [
            "accepted",
            "accepted",
            "wrong_answer",
            "compile_error",
            "accepted",
            "runtime_error",
            "accepted",
            "no_code",
        ]
        best = max(candidate["pie_compat"]["speedup"] for candidate in candidates)
        assert best == sample["Speedup@8"]
        assert candidates[4]["pie_compat"]["ticks"] < sample["doc"]["source"]["pie_compat"]["ticks"]
        assert "prntf" in candidates[3]["pie_compat"]["message"]
        assert "SECRET" not in json.dumps(sample)


def test_lm_eval_keeps_generations_and_fingerprint(lm_eval_run: tuple[Path, str], generations: Path) -> None:
    metadata = lm_eval_results(lm_eval_run[0])["configs"]["pie_best8"]["metadata"]["pie"]
    assert metadata["split"] == "pie_test"
    assert metadata["fingerprint"]["sha256"]
    kept = [json.loads(line)["generated_answers"] for line in Path(metadata["generations"]).read_text().splitlines()]
    assert kept == [json.loads(line)["generated_answers"] for line in generations.read_text().splitlines()]


def test_inspect_samples_carry_evidence_and_no_tests(inspect_run: tuple[EvalLog, str, Path]) -> None:
    log = inspect_run[0]
    assert log.samples is not None and len(log.samples) == PAIRS * SAMPLES
    for sample in log.samples:
        assert sample.scores is not None
        score = sample.scores["pie_scorer"]
        assert score.metadata is not None
        assert score.metadata["epoch"] == sample.epoch
        if sample.epoch == SAMPLES:
            assert score.metadata["candidate"]["pie_compat"]["verdict"] == "no_code"
            assert score.explanation is not None and "no_code" in score.explanation
        assert "SECRET" not in sample.model_dump_json()


def test_inspect_records_samples_of_the_best(inspect_run: tuple[EvalLog, str, Path]) -> None:
    log = inspect_run[0]
    assert log.eval.config.epochs_reducer == ["pie_tasks/best_at_8"]
    assert log.reductions is not None
    reduced = log.reductions[0].samples
    assert [score.metadata["samples"] for score in reduced if score.metadata] == [SAMPLES] * PAIRS
    assert log.results is not None and log.results.headline is not None
    assert (log.results.headline.score, log.results.headline.metric) == ("speedup", "mean")


def test_a_log_is_scored_again(run: Run, inspect_run: tuple[EvalLog, str, Path]) -> None:
    log, _, folder = inspect_run
    again = ("score", log.location, "--scorer", "pie_tasks/pie_scorer", "--action", "overwrite")
    ended = run("inspect", *again, "--output-file", "again.eval", cwd=folder)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert inspect_figures(read_eval_log(str(folder / "again.eval")), LABEL) == inspect_figures(log, LABEL)

    unguarded = run("inspect", *again, "-S", "isolation=none", "--output-file", "none.eval", cwd=folder)
    assert unguarded.returncode != 0
    assert "HF_ALLOW_CODE_EVAL" in unguarded.stdout + unguarded.stderr
    assert not (folder / "none.eval").exists()


def test_a_file_path_works_like_the_name(run: Run, generations: Path, inspect_run: tuple[EvalLog, str, Path]) -> None:
    """``inspect eval pie_tasks/pie.py`` in the repository loads the file itself, and runs this one task."""
    folder = inspect_run[2]
    repository = Path(__file__).parents[3]
    ended = run(
        "inspect",
        "eval",
        "pie_tasks/pie.py",
        "--model",
        "pie/replay",
        "-M",
        f"path={generations}",
        "--log-dir",
        folder / "by_path",
        cwd=repository,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    log = inspect_log(folder / "by_path")
    assert log.status == "success"
    assert inspect_figures(log, LABEL) == inspect_figures(inspect_run[0], LABEL)


def test_options_reach_inspects_scorer(run: Run, generations: Path, tmp_path: Path) -> None:
    """Each test of a problem is timed, or only one of the two; a wrong answer ends at its first failure, or goes on."""
    command = ["inspect", "eval", "pie_tasks/pie", "--model", "pie/replay", "-M", f"path={generations}"]
    cluster = ("-T", "executor=local-cluster")
    ended = run(*command, "-T", "limit=1", "-T", "timing_tests=1", "-T", "all_tests=true", *cluster, cwd=tmp_path)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    log = inspect_log(tmp_path / "logs")
    assert inspect_figures(log, f"{LABEL}~1tests")["%Optimized@8"] == 100.0
    assert log.samples is not None
    candidates = {sample.epoch: (sample.scores or {})["pie_scorer"].metadata or {} for sample in log.samples}
    wrong, fast = (candidates[epoch]["candidate"]["pie_compat"]["test_ticks"] for epoch in (3, 5))
    assert len(wrong) == len(fast) == 2
    assert sum(ticks is not None for ticks in fast) == 1
    assert log.eval.scorers is not None
    assert not (log.eval.scorers[0].options or {}).get("executor"), "who scores a log again chooses where"
