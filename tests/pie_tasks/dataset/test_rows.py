"""Rows as published become typed rows, and damaged ones one clear line."""

import json
import math

import pytest

from pie_tasks.dataset import parse_row, read_rows
from sandbox.types import SandboxError


def test_real_test_rows_keep_what_scoring_and_prompts_need(real_data):
    path = real_data / "pie_test_rows_sample.jsonl"
    rows = read_rows(path)
    raws = [json.loads(line) for line in path.read_text().splitlines()]
    assert all(len(raw) == 33 for raw in raws)
    assert [row.pair_id for row in rows] == ["p02676_s000084108_s670885000", "p02695_s000150192_s323670678"]
    for row, raw in zip(rows, raws, strict=True):
        assert row.tests == tuple(raw["tests"])
        assert len(row.tests) == raw["n_tests"]
        assert (row.src_code, row.tgt_code) == (raw["src_code"], raw["tgt_code"])
        # The column that a name like this suggests instead is another program's.
        assert row.fastest_agg_runtime == raw["fastest_agg_runtime"] != raw["fastest_code_runtime"]
        assert row.speedup == raw["src_agg_runtime"] / raw["tgt_agg_runtime"]
        assert row.perf_tag is None


def test_real_validation_rows_have_tags_and_no_tests(real_data):
    rows = read_rows(real_data / "pie_val_rows.jsonl")
    assert len(rows) == len({row.pair_id for row in rows}) == 1044
    assert len({row.src_id for row in rows}) < len(rows)
    assert {row.perf_tag for row in rows} == set(range(1, 11))
    assert all(row.tests == () for row in rows)
    assert all(row.speedup == pytest.approx(row.src_agg_runtime / row.tgt_agg_runtime, rel=1e-6) for row in rows)


def test_real_training_rows_need_no_tag(real_data):
    rows = read_rows(real_data / "pie_train_hq_rows_sample.jsonl", unique=False)
    assert len(rows) == 4
    assert all(row.perf_tag is None and row.speedup > 1 for row in rows)


@pytest.mark.parametrize("column", ["problem_id", "src_id", "tgt_id", "src_code", "tgt_code"])
def test_a_missing_column_is_named_with_file_and_line(tmp_path, raw_row, write_lines, column):
    damaged = raw_row(src="s2")
    del damaged[column]
    path = write_lines(tmp_path / "test.jsonl", [raw_row(), damaged])
    with pytest.raises(SandboxError) as error:
        read_rows(path)
    assert str(error.value) == f"{path}, line 2: column {column!r} is missing"


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"src_code": "  "}, "column 'src_code' must be text"),
        ({"tgt_code": 7}, "column 'tgt_code' must be text"),
        ({"problem_id": "../p1"}, "not an id"),
        ({"problem_id": ".."}, "not an id"),
        ({"tests": []}, "column 'tests' must be a list"),
        ({"tests": "12"}, "column 'tests' must be a list"),
        ({"tests": ["1", "x"]}, "found 'x'"),
        ({"tests": ["1", "2", "1"]}, "names test 1 twice"),
        ({"src_agg_runtime": "fast"}, "column 'src_agg_runtime' must be a number"),
        ({"tgt_agg_runtime": -1}, "column 'tgt_agg_runtime' must be a number"),
        ({"target_reward_updated_pct_bin": 11}, "must be an integer from 1 to 10"),
        ({"target_reward_updated_pct_bin": 2.5}, "must be an integer from 1 to 10"),
    ],
)
def test_wrong_values_are_named(raw_row, columns, message):
    with pytest.raises(SandboxError) as error:
        parse_row(raw_row(**columns), "x.jsonl, line 9")
    assert message in str(error.value)
    assert str(error.value).startswith("x.jsonl, line 9: ")
    assert "\n" not in str(error.value)


def test_gaps_as_pandas_writes_them_mean_absent(raw_row):
    row = parse_row(raw_row(src_agg_runtime=math.nan, target_reward_updated_pct_bin=8.0, tests=None), "row")
    assert (row.src_agg_runtime, row.speedup, row.perf_tag, row.tests) == (None, None, 8, ())


def test_a_repeated_pair_names_both_lines_unless_it_may_repeat(tmp_path, raw_row, write_lines):
    path = write_lines(tmp_path / "test.jsonl", [raw_row(), raw_row(src="s2"), raw_row()])
    with pytest.raises(SandboxError, match=r"line 3: pair p1_s1_t1 is already on line 1"):
        read_rows(path)
    assert len(read_rows(path, unique=False)) == 3


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"problem_id": "p1"', "line 1: not valid JSON"),
        (b"\n[1]\n", "line 2: a JSON object is expected, found list"),
        (b"\x1f\x8b\x08\x00\xff", "line 1: not UTF-8"),
        (b"\n\n", "the file has no rows"),
    ],
)
def test_damaged_files_are_one_line(tmp_path, content, message):
    path = tmp_path / "test.jsonl"
    path.write_bytes(content)
    with pytest.raises(SandboxError) as error:
        read_rows(path)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(SandboxError, match=r"can't read .*nowhere\.jsonl: No such file"):
        read_rows(tmp_path / "nowhere.jsonl")
    with pytest.raises(SandboxError, match=r"can't read .*: Is a directory"):
        read_rows(tmp_path)
