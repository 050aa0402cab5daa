"""Splits by name: rows, tests, training pairs, content hash, and one line for what is missing."""

import json
import os
from pathlib import Path

import datasets
import pytest

from pie_tasks.dataset import DATASETS, check_split, load_split, report_split
from sandbox.types import SandboxError


def test_tests_of_a_row_in_its_order(data_dir):
    split = load_split("pie_test", data_dir)
    pair = split.pair(split.rows[0])
    assert (pair.pair_id, pair.problem_id, pair.src_code) == ("p1_s1_t1", "p1", split.rows[0].src_code)
    assert [(case.name, case.input, case.expected) for case in pair.tests] == [
        ("0", b"merged_test_cases p1 0\n", b"0\n"),
        ("1", b"merged_test_cases p1 1\n", b"1\n"),
    ]


def test_rows_of_one_problem_share_their_cases(data_dir):
    split = load_split("pie_test", data_dir)
    first, second = split.pair(split.rows[0]), split.pair(split.rows[1])
    assert all(a is b for a, b in zip(first.tests, second.tests, strict=True))


def test_without_a_tests_column_all_count_in_the_order_of_numbers(data_dir):
    split = load_split("pie_val", data_dir)
    assert [case.name for case in split.pair(split.rows[0]).tests] == ["0", "1", "10"]


def test_public_cases_have_a_name_of_their_own_and_ignore_the_merged_numbers(data_dir):
    split = load_split("pie_test_public", data_dir)
    assert split.name == "pie_test_public"
    assert [case.input for case in split.pair(split.rows[2]).tests] == [b"public_test_cases p2 0\n"]


def test_the_environment_names_the_folder(data_dir, monkeypatch):
    monkeypatch.setenv("PIE_DATA_DIR", str(data_dir))
    assert load_split("pie_test") is load_split("pie_test", data_dir)


def test_a_changed_file_is_read_again(data_dir, raw_row, write_lines):
    before = load_split("pie_test", data_dir)
    write_lines(data_dir / "test.jsonl", [raw_row()])
    assert len(before.rows) == 3
    assert len(load_split("pie_test", data_dir).rows) == 1


@pytest.mark.parametrize("kind", ["input", "output"])
def test_missing_tests_are_named_with_the_pair(data_dir, kind):
    (data_dir / "merged_test_cases" / "p1" / f"{kind}.1.txt").unlink()
    split = load_split("pie_test", data_dir)
    with pytest.raises(SandboxError) as error:
        split.pair(split.rows[0])
    assert str(error.value) == (
        f"split pie_test, pair p1_s1_t1: problem p1: test files are missing in {data_dir}/merged_test_cases/p1:"
        f" {kind}.1.txt"
    )


def test_a_row_that_names_a_test_that_never_was(data_dir, raw_row, write_lines):
    write_lines(data_dir / "test.jsonl", [raw_row(tests=[str(n) for n in range(40, 52)])])
    split = load_split("pie_test", data_dir)
    with pytest.raises(SandboxError, match=r"input\.40\.txt, output\.40\.txt.* and 19 more$"):
        split.pair(split.rows[0])


def test_a_problem_without_tests_is_an_error_of_the_row(data_dir, raw_row, write_lines):
    write_lines(data_dir / "test.jsonl", [raw_row("p7")])
    (data_dir / "merged_test_cases" / "p6").mkdir()
    write_lines(data_dir / "val.jsonl", [raw_row("p6", tests=None)])
    for name, problem in (("pie_test", "p7"), ("pie_val", "p6")):
        split = load_split(name, data_dir)
        with pytest.raises(SandboxError, match=f"problem {problem} has no tests"):
            split.pair(split.rows[0])


def test_merged_numbers_are_never_looked_up_in_the_public_folder(data_dir):
    (data_dir / "merged_test_cases").rename(data_dir / "elsewhere")
    split = load_split("pie_test", data_dir)
    with pytest.raises(SandboxError, match=r"no test cases: .*/merged_test_cases is not a folder"):
        split.pair(split.rows[0])


def test_an_unreadable_test_is_named(data_dir):
    path = data_dir / "merged_test_cases" / "p1" / "input.1.txt"
    path.unlink()
    path.symlink_to("/proc/self/mem")  # a file that fails to read, for root as well
    split = load_split("pie_test", data_dir)
    with pytest.raises(SandboxError, match=r"can't read test 1 of .*/p1: Input/output error"):
        split.pair(split.rows[0])


@pytest.mark.parametrize(
    ("name", "folder", "message"),
    [
        ("pie_tset", None, "unknown split 'pie_tset'; choose one of: .*pie_mini.*pie_test"),
        ("pie_test", None, "split pie_test needs the official files; set PIE_DATA_DIR"),
        ("pie_test", Path("/nonexistent/pie"), "the data folder /nonexistent/pie doesn't exist"),
        ("hub:/nonexistent/pie", None, "split hub:/nonexistent/pie: can't load split 'test'"),
    ],
)
def test_wrong_names_and_folders_are_one_line(monkeypatch, name, folder, message):
    monkeypatch.delenv("PIE_DATA_DIR", raising=False)
    with pytest.raises(SandboxError, match=message) as error:
        load_split(name, folder)
    assert "\n" not in str(error.value)


def test_a_folder_without_the_file(tmp_path):
    with pytest.raises(SandboxError, match=r"split pie_val: can't read .*val\.jsonl: No such file"):
        load_split("pie_val", tmp_path)


def test_training_pairs_are_read_when_asked_for(data_dir):
    split = load_split("pie_test", data_dir)
    assert [row.problem_id for row in split.train.rows] == ["p8", "p9"]
    assert split.train.train is split.train
    (data_dir / "train.jsonl").unlink()
    other = load_split("pie_val", data_dir)
    with pytest.raises(SandboxError, match=r"split pie_train: can't read .*train\.jsonl"):
        _ = other.train


def test_other_training_pairs_by_name(data_dir):
    (data_dir / "train.jsonl").rename(data_dir / "train_hq_only.jsonl")
    assert load_split("pie_test", data_dir, train="pie_train_hq").train.name == "pie_train_hq"


def test_the_content_hash_sees_rows_and_tests_and_nothing_else(data_dir, raw_row, write_lines, tmp_path):
    first = load_split("pie_test", data_dir).content_sha256
    (data_dir / "merged_test_cases" / "p1" / "input.10.txt").write_text("no row names this test")
    os.utime(data_dir / "test.jsonl")
    assert load_split("pie_test", data_dir).content_sha256 == first
    (data_dir / "merged_test_cases" / "p2" / "output.1.txt").write_text("2\n")
    os.utime(data_dir / "test.jsonl")
    second = load_split("pie_test", data_dir).content_sha256
    write_lines(data_dir / "test.jsonl", [raw_row(), raw_row(src="s2", tgt="t2"), raw_row("p2", tests=["1"])])
    third = load_split("pie_test", data_dir).content_sha256
    assert len({first, second, third}) == 3


def test_rows_by_id(data_dir):
    split = load_split("pie_test", data_dir)
    assert split.row("p1_s2_t1") is split.rows[1]
    with pytest.raises(SandboxError, match="split pie_test has no pair 'p1_s3_t1'"):
        split.row("p1_s3_t1")


def test_the_hugging_face_form_holds_no_test_contents(data_dir):
    table = load_split("pie_test", data_dir).to_hf()
    assert isinstance(table, datasets.Dataset)
    assert table["pair_id"][:] == ["p1_s1_t1", "p1_s2_t1", "p2_s1_t1"]
    assert set(table["split"][:]) == {"pie_test"}
    assert "merged_test_cases" not in json.dumps(table.to_list())


def test_a_hub_data_set_loads_through_the_datasets_library(data_dir, tmp_path, raw_row, monkeypatch):
    monkeypatch.setenv("HF_DATASETS_CACHE", str(tmp_path / "cache"))
    hub = tmp_path / "hub"
    for part, rows in {"test": [raw_row()], "train": [raw_row("p8"), raw_row("p9")]}.items():
        datasets.Dataset.from_list(rows).to_parquet(hub / f"{part}.parquet")
    split = load_split(f"hub:{hub}", data_dir)
    official = load_split("pie_test", data_dir)
    assert split.rows == official.rows[:1]
    assert split.pair(split.rows[0]) == official.pair(official.rows[0])
    assert split.train.name == f"hub:{hub}:train"
    assert [row.problem_id for row in split.train.rows] == ["p8", "p9"]


def test_a_hub_data_set_without_a_data_folder_has_no_tests(tmp_path, raw_row, monkeypatch):
    monkeypatch.delenv("PIE_DATA_DIR", raising=False)
    datasets.Dataset.from_list([raw_row()]).to_parquet(tmp_path / "test.parquet")
    split = load_split(f"hub:{tmp_path}")
    with pytest.raises(SandboxError, match="has no test cases; set PIE_DATA_DIR"):
        split.pair(split.rows[0])


def test_a_sound_split_has_sizes_and_only_the_published_sizes_to_complain_of(data_dir):
    report = report_split(load_split("pie_test", data_dir))
    assert (report.pairs, report.problems, report.tests) == (3, 2, (1, 2))
    assert report.content_sha256
    assert report.faults == ("split pie_test has 3 pairs of 2 problems; 978 of 41 were published",)


def test_every_fault_is_found_at_once(data_dir, raw_row, write_lines):
    same = "int main() {}"
    rows = [raw_row(), raw_row("p7"), raw_row("p8", src_code=same, tgt_code=same)]
    write_lines(data_dir / "test.jsonl", rows)
    (data_dir / "merged_test_cases" / "p1" / "output.0.txt").unlink()
    faults = check_split(load_split("pie_test", data_dir))
    for part in (
        "problem p1: test files are missing",
        "output.0.txt",
        "problem p7 has no tests",
        "problem p8 has no tests",
        "pair p8_s1_t1: both programs are the same",
        "problem p8 is also in pie_train",
    ):
        assert any(part in fault for fault in faults), part


def test_repeated_training_pairs_are_reported(data_dir, raw_row, write_lines):
    write_lines(data_dir / "train.jsonl", [raw_row(), raw_row()])
    assert "pair p1_s1_t1 occurs more than once" in check_split(load_split("pie_train", data_dir))


def test_real_validation_rows_with_their_public_tests(real_data, tmp_path):
    (tmp_path / "val.jsonl").symlink_to(real_data / "pie_val_rows.jsonl")
    (tmp_path / "public_test_cases").symlink_to(real_data / "public_test_cases")
    (tmp_path / "train.jsonl").symlink_to(real_data / "pie_train_hq_rows_sample.jsonl")
    split = load_split("pie_val_public", tmp_path)
    assert all(split.pair(row).tests for row in split.rows)
    assert check_split(split) == ["split pie_val_public has 1044 pairs of 10 problems; 2544 of 77 were published"]


def test_names_of_data_sets_are_listed():
    assert {"pie_mini", "pie_test", "pie_val", "pie_train"} <= set(DATASETS.names())
