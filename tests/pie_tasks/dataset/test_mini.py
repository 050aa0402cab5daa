"""The bundled split holds what its sources say, and enough of everything."""

import importlib.util
import json
import sys
from collections import Counter
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from sandbox.types import sha256
from scorers.extract import extract_code

ROOT = Path(__file__).resolve().parents[3]
MINI = ROOT / "pie_tasks" / "dataset" / "mini"


@pytest.fixture(scope="module")
def build() -> ModuleType:
    spec = importlib.util.spec_from_file_location("pie_mini_build", ROOT / "tools" / "pie_mini" / "build.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (MINI / name).read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def test_rows() -> list[dict[str, Any]]:
    return rows("test.jsonl")


@pytest.fixture(scope="module")
def train_rows() -> list[dict[str, Any]]:
    return rows("train.jsonl")


@pytest.fixture(scope="module")
def generations() -> list[dict[str, Any]]:
    return rows("generations.jsonl")


def test_shipped_files_are_what_the_sources_make(build: ModuleType) -> None:
    made = {name: text.encode() for name, text in build.shipped_files(build.Counts())}
    shipped = {
        path.relative_to(MINI).as_posix(): path.read_bytes()
        for path in MINI.rglob("*")
        if path.is_file() and not path.name.startswith("output.")
    }
    assert made.keys() == shipped.keys()
    assert [name for name in made if made[name] != shipped[name]] == []


def test_two_problems_rebuilt_give_the_shipped_outputs(build: ModuleType, tmp_path: Path) -> None:
    for problem in build.problems("test")[:2]:
        for index, stdout in enumerate(build.expected_outputs(problem, tmp_path)):
            shipped = MINI / "merged_test_cases" / problem.problem_id / f"output.{index}.txt"
            assert stdout == shipped.read_bytes()


def test_every_test_case_is_there(test_rows: list[dict[str, Any]]) -> None:
    for row in test_rows:
        folder = MINI / "merged_test_cases" / row["problem_id"]
        assert len(row["tests"]) == row["n_tests"] >= 10
        assert all(isinstance(name, str) for name in row["tests"])
        for name in row["tests"]:
            assert (folder / f"input.{name}.txt").is_file()
            assert (folder / f"output.{name}.txt").read_bytes().strip()
        assert len(list(folder.iterdir())) == 2 * len(row["tests"])


def test_sizes_and_unique_ids(test_rows: list[dict[str, Any]], train_rows: list[dict[str, Any]]) -> None:
    assert len({row["problem_id"] for row in test_rows}) == len(test_rows) >= 24
    assert len(train_rows) >= 60
    assert len({row["problem_id"] for row in train_rows}) >= 15
    ids = {(row["problem_id"], row["src_id"], row["tgt_id"]) for row in [*test_rows, *train_rows]}
    assert len(ids) == len(test_rows) + len(train_rows)
    assert not {row["problem_id"] for row in test_rows} & {row["problem_id"] for row in train_rows}
    test_programs = {row[column] for row in test_rows for column in ("src_code", "tgt_code")}
    assert not test_programs & {row[column] for row in train_rows for column in ("src_code", "tgt_code")}
    assert sum(path.stat().st_size for path in MINI.rglob("*") if path.is_file()) < 3_000_000


def test_no_time_is_invented(test_rows: list[dict[str, Any]], train_rows: list[dict[str, Any]]) -> None:
    for row in [*test_rows, *train_rows]:
        assert row["src_agg_runtime"] is row["tgt_agg_runtime"] is row["fastest_agg_runtime"] is None


def test_speedups_are_spread(build: ModuleType) -> None:
    counts = build.Counts()
    ratios, slow = [], []
    for problem in build.problems("test"):
        source, target = (counts(problem, problem.programs[name]) for name in ("slow", "fast"))
        slow.append(source)
        ratios.append(source / target)
    assert min(ratios) >= 0.99
    for low, high, least in ((0, 1.1, 2), (1.1, 1.5, 3), (1.5, 4, 4), (4, 20, 4), (20, 1e9, 4)):
        assert sum(low <= ratio < high for ratio in ratios) >= least, (low, high, sorted(ratios))
    assert sum(slow) < 3e9


def test_perf_tags_cover_the_whole_range(train_rows: list[dict[str, Any]]) -> None:
    tags = [row["target_reward_updated_pct_bin"] for row in train_rows]
    assert set(tags) == set(range(1, 11))
    by_reward = sorted(train_rows, key=lambda row: float(row["target_reward_updated"]))
    ordered = [row["target_reward_updated_pct_bin"] for row in by_reward]
    assert ordered == sorted(ordered)
    for row in train_rows:
        assert row["src_instructions"] >= 1.1 * row["tgt_instructions"]
        assert (row["target_reward_updated_pct_bin"] == 10) >= (row["target_reward_updated"] == 1)


def test_tags_by_hand(build: ModuleType) -> None:
    assert build.bins([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]) == list(range(1, 11))
    assert build.bins([1.0, 0.5, 1.0, 0.2]) == [10, 5, 10, 3]


def test_recorded_generations(
    build: ModuleType, test_rows: list[dict[str, Any]], generations: list[dict[str, Any]]
) -> None:
    expected = [f"{row['problem_id']}_{row['src_id']}_{row['tgt_id']}" for row in test_rows]
    assert [row["pair_id"] for row in generations] == expected
    kinds: Counter[str] = Counter()
    for row in generations:
        assert len(row["generated_answers"]) == len(row["kinds"]) == 8
        kinds.update(row["kinds"])
    assert set(kinds) == set(build.KINDS)
    assert min(kinds.values()) >= 4
    correct = sum(kinds[kind] for kind in ("faster", "same", "slower"))
    assert 0.4 <= correct / kinds.total() <= 0.65
    assert any(len(set(row["generated_answers"])) < 8 for row in generations), "no response occurs twice"
    assert any("\r\n" in text for row in generations for text in row["generated_answers"])


def test_extraction_finds_code_where_there_is_some(generations: list[dict[str, Any]]) -> None:
    wrong = [
        (row["problem_id"], index)
        for row in generations
        for index, (text, kind) in enumerate(zip(row["generated_answers"], row["kinds"], strict=True))
        if (extract_code(text) is None) != (kind == "no_code")
    ]
    assert wrong == []


def test_extraction_agrees_with_the_simple_rule(build: ModuleType, generations: list[dict[str, Any]]) -> None:
    for row in generations:
        for text, kind in zip(row["generated_answers"], row["kinds"], strict=True):
            if kind in ("faster", "same", "slower"):
                assert extract_code(text).strip() == build.extract(text).strip()  # type: ignore[union-attr]


def test_answers_of_one_problem_behave_as_recorded(build: ModuleType, tmp_path: Path) -> None:
    problem = next(problem for problem in build.problems("test") if problem.problem_id == "m00004")
    counts = build.Counts()
    expected = build.expected_outputs(problem, tmp_path)
    seen = [build.behaviour(problem, answer, expected, counts, tmp_path) for answer in problem.answers]
    assert seen == [answer.kind for answer in problem.answers]


def test_kept_gem5_times_are_of_these_programs_and_inputs(
    test_rows: list[dict[str, Any]], generations: list[dict[str, Any]]
) -> None:
    kept = json.loads((ROOT / "docs" / "measured" / "pie_mini-gem5-v20.1-paper.json").read_text(encoding="utf-8"))
    programs = {}
    for row, recorded in zip(test_rows, generations, strict=True):
        answers = [extract_code(text, row["src_code"]) for text in recorded["generated_answers"]]
        codes = [row["src_code"], row["tgt_code"], *answers]
        programs[row["problem_id"]] = {sha256(code.encode()) for code in codes if code is not None}
    assert kept["input_sha256"].keys() == programs.keys()
    for row in kept["programs"]:
        assert row["source_sha256"] in programs[row["problem_id"]]
        assert row["tests"].keys() <= kept["input_sha256"][row["problem_id"]].keys()
    for problem_id, hashes in kept["input_sha256"].items():
        for test, digest in hashes.items():
            stdin = MINI / "merged_test_cases" / problem_id / f"input.{test}.txt"
            assert digest == sha256(stdin.read_bytes()), "run benchmarks/heldout.py again"
