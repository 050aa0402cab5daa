"""``pie data import``, ``check`` and ``show``."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pie_tasks.cli import cli


def pie(*arguments: object) -> Result:
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


@pytest.fixture
def data(official: Path, tmp_path: Path) -> Path:
    ended = pie("data", "import", official, "--to", tmp_path / "data")
    assert ended.exit_code == 0, ended.output
    assert "peak memory: " in ended.output
    assert "test: 1 pairs of 1 problems, from test.jsonl" in ended.output
    return tmp_path / "data"


def test_check_looks_at_every_split(data: Path) -> None:
    ended = pie("data", "check", "--data-dir", data)
    assert ended.exit_code == 1
    assert "pie_test: 1 pairs of 1 problems, 12 to 12 tests each (median 12)" in ended.output
    assert "fault: split pie_test has 1 pairs of 1 problems; 978 of 41 were published" in ended.output
    assert "splits share no problem" in ended.output


def test_check_finds_a_problem_in_two_splits(official: Path, tmp_path: Path) -> None:
    download = tmp_path / "download"
    shutil.copytree(official, download)
    stray = json.loads((download / "test.jsonl").read_text())
    with (download / "train.jsonl").open("a") as file:
        file.write(json.dumps({name: value for name, value in stray.items() if name != "tests"}) + "\n")
    pie("data", "import", download, "--to", tmp_path / "data")
    ended = pie("data", "check", "--data-dir", tmp_path / "data")
    assert ended.exit_code == 1
    assert f"fault: problem {stray['problem_id']} is in pie_test and in pie_train" in ended.output
    assert "share no problem" not in ended.output


def test_check_can_run_the_programs(data: Path) -> None:
    ended = pie("data", "check", "--data-dir", data, "--split", "pie_test", "--run")
    assert "pie_test: 2 of 2 programs pass their tests" in ended.output


def test_show_a_pair_and_a_problem(official: Path, data: Path) -> None:
    raw = json.loads((official / "val.jsonl").read_text().splitlines()[0])
    problem = raw["problem_id"]
    options = ("--data-dir", data, "--split", "pie_val")
    pair = pie("data", "show", f"{problem}_{raw['src_id']}_{raw['tgt_id']}", *options)
    assert pair.exit_code == 0, pair.output
    assert f"--- {raw['src_id']}" in pair.output
    assert f"+++ {raw['tgt_id']}" in pair.output
    assert "-#include <iostream>" in pair.output and "+#include <stdio.h>" in pair.output
    assert "tag 10/10" in pair.output
    whole = pie("data", "show", problem, *options)
    assert "12 tests; test 0:" in whole.output
    assert whole.output.count(f"{problem}_") == 3


def test_show_says_what_it_does_not_know(data: Path) -> None:
    ended = pie("data", "show", "p99999", "--data-dir", data, "--split", "pie_val")
    assert "neither a problem nor a pair 'p99999'" in str(ended.exception)
