"""Exports, read back by their targets' own readers where these exist."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
import yaml
from huggingface_hub import parse_eval_result_entries
from pyarrow import parquet

from sandbox.types import SandboxError
from scorers.figures import HEADLINE
from scorers.submission import Bundle, Run, SplitFacts, open_bundle, write_bundle
from scorers.submission.export import FORMATS, export_bundle
from tests.scorers.synthetic_runs import synthetic_run


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Bundle, Run, SplitFacts]:
    path = tmp_path_factory.mktemp("bundle") / "bundle.zip"
    run, split = synthetic_run(model="model_50% & <more>")
    write_bundle(run, split, path)
    return open_bundle(path), run, split


def written(packed: tuple[Bundle, Run, SplitFacts], form: str, folder: Path, dataset: str = "") -> bytes:
    bundle, _, split = packed
    export_bundle(bundle, form, folder / "out", split, targets=split.sources, dataset_id=dataset)
    return (folder / "out").read_bytes()


def test_hugging_face_entries(packed: tuple[Bundle, Run, SplitFacts], tmp_path: Path) -> None:
    entries = parse_eval_result_entries(yaml.safe_load(written(packed, "hf", tmp_path, "owner/pie")))
    assert {entry.task_id for entry in entries} == {
        f"best{k}_{name}" for k in (1, 4) for name in ("optimized", "speedup", "correct")
    }
    speedup = next(entry for entry in entries if entry.task_id == "best4_speedup")
    assert speedup.value == round(packed[0].figures["Speedup@4"]["value"], 4)
    assert speedup.dataset_id == "owner/pie"
    with pytest.raises(SandboxError, match="--dataset"):
        written(packed, "hf", tmp_path)


def test_evalplus_lines(packed: tuple[Bundle, Run, SplitFacts], tmp_path: Path) -> None:
    lines = [json.loads(line) for line in written(packed, "evalplus", tmp_path).splitlines()]
    expected = [(score.pair_id, one.code or "") for score in packed[1].scores for one in score.candidates]
    assert [(line["task_id"], line["solution"]) for line in lines] == expected
    assert all(set(line) == {"task_id", "solution"} for line in lines)


def test_published_columns(packed: tuple[Bundle, Run, SplitFacts], tmp_path: Path) -> None:
    rows = [json.loads(line) for line in written(packed, "pie", tmp_path).splitlines()]
    seen = set()
    for row, score in zip(rows, packed[1].scores, strict=True):
        assert f"{row['problem_id']}_{row['src_id']}_{row['tgt_id']}" == score.pair_id
        assert row["src_code_agg_runtime"] == pytest.approx(sum(row["src_code_tc2time"].values()))
        for number, candidate in enumerate(score.candidates):
            column = f"generated_answers_{number}"
            verdict = candidate.verdicts[HEADLINE]
            seen.add(verdict.status.value)
            runtime, accuracy, times = (row[f"{column}_{part}"] for part in ("agg_runtime", "accuracy", "tc2time"))
            if verdict.correct:
                assert runtime == verdict.seconds and accuracy == 1.0 and len(times) == row["n_tests"]
            elif verdict.status.value == "wrong_answer":
                # The third test was left out: the mean accuracy isn't known.
                assert runtime is None and accuracy is None and times == {"0": verdict.tests[0].ticks / 1e12, "1": None}
            else:
                assert runtime is None and accuracy == 0.0 and times == {}
    assert seen == {"accepted", "wrong_answer", "compile_error", "no_code"}


def test_candidates_as_csv_and_parquet(packed: tuple[Bundle, Run, SplitFacts], tmp_path: Path) -> None:
    lines = list(csv.DictReader(io.StringIO(written(packed, "csv", tmp_path).decode())))
    written(packed, "parquet", tmp_path)
    rows = parquet.read_table(tmp_path / "out").to_pylist()
    candidates = [candidate for score in packed[1].scores for candidate in score.candidates]
    assert len(lines) == len(rows) == len(candidates)
    for line, row, candidate in zip(lines, rows, candidates, strict=True):
        verdict = candidate.verdicts[HEADLINE]
        assert row["ticks"] == verdict.ticks and line["ticks"] == ("" if verdict.ticks is None else str(verdict.ticks))
        assert row["speedup"] == float(line["speedup"]) == candidate.speedups[HEADLINE]
        assert row["code"] == candidate.code


def test_tables_hold_the_figures_and_escape_names(packed: tuple[Bundle, Run, SplitFacts], tmp_path: Path) -> None:
    figure = packed[0].figures["%Optimized@4"]
    card, latex = (written(packed, form, tmp_path).decode() for form in ("card", "latex"))
    assert f"| %Optimized@4 | {figure['value']:.2f} | {figure['low']:.2f} to {figure['high']:.2f} |" in card
    assert rf"\%Optimized@4 & {figure['value']:.2f} & {figure['low']:.2f}--{figure['high']:.2f} \\" in latex
    assert r"model\_50\% \& <more>" in latex


def test_an_unknown_form_is_named(packed: tuple[Bundle, Run, SplitFacts], tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match=f"choose one of: {', '.join(sorted(FORMATS))}"):
        written(packed, "docx", tmp_path)
