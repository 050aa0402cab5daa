"""The synthetic copy has the official columns, and programs that pass their tests."""

import json
from pathlib import Path

import pytest

from pie_tasks.dataset import read_rows
from pie_tasks.dataset.splits import load_split
from pie_tasks.dataset.verify import failing_programs
from sandbox.programs import Programs


def columns(path: Path) -> set[str]:
    return set(json.loads(path.read_text().splitlines()[0]))


@pytest.mark.parametrize(
    ("real", "synthetic"),
    [
        ("pie_test_rows_sample.jsonl", "test.jsonl"),
        ("pie_val_rows.jsonl", "val.jsonl"),
        ("pie_train_hq_rows_sample.jsonl", "train_hq_only.jsonl"),
    ],
)
def test_columns_are_the_official_ones(official: Path, real_data: Path, real: str, synthetic: str) -> None:
    assert columns(official / synthetic) == columns(real_data / real)


def test_programs_pass_their_tests_and_a_broken_one_does_not(official: Path, tmp_path: Path) -> None:
    split = load_split("pie_val_public", official)
    with Programs("host", workers=2) as programs:
        assert failing_programs(split, split.rows[:3], programs) == (3, [])
        lines = (official / "val.jsonl").read_text().replace("total += 0", "total += 1").splitlines()
        broken = json.loads(lines[0])
        broken["tgt_code"] = broken["tgt_code"].replace("long total = 0", "long total = 1")
        (tmp_path / "val.jsonl").write_text(json.dumps(broken) + "\n")
        (tmp_path / "public_test_cases").symlink_to(official / "public_test_cases")
        wrong = load_split("pie_val_public", tmp_path)
        count, failures = failing_programs(wrong, wrong.rows, programs)
    assert count == 2
    assert failures == [f"problem {broken['problem_id']}, program {broken['tgt_id']}: test 0: wrong output"]


def test_splits_share_no_problem(official: Path) -> None:
    problems = [{row.problem_id for row in read_rows(official / f"{name}.jsonl")} for name in ("test", "val", "train")]
    assert len(set.union(*problems)) == sum(map(len, problems)) == 20
