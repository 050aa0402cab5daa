"""``pie doctor``, ``pie data check`` and ``pie toolchain`` on this machine."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from pie_tasks.cli import cli


def test_doctor_names_every_part_and_its_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PIE_DATA_DIR", raising=False)
    ended = CliRunner().invoke(cli, ["doctor"])
    lines = {line[8:].split("  ")[0]: line for line in ended.output.splitlines()}
    assert ended.exit_code == 0, ended.output
    for part in ("isolation bubblewrap", "toolchain host", "engine cachegrind", "split pie_mini", "framework lm-eval"):
        assert lines[part].startswith("ok "), part
    assert lines["split pie_test"].startswith("- ")
    assert "set PIE_DATA_DIR" in lines["split pie_test"]


def test_doctor_fails_without_valgrind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a PATH that has everything but Valgrind."""
    for folder in map(Path, os.environ["PATH"].split(os.pathsep)):
        for program in folder.glob("*"):
            if "valgrind" not in program.name and not (tmp_path / program.name).exists():
                (tmp_path / program.name).symlink_to(program)
    monkeypatch.setenv("PATH", str(tmp_path))
    ended = CliRunner().invoke(cli, ["doctor"])
    assert ended.exit_code == 1
    (line,) = [line for line in ended.output.splitlines() if "engine cachegrind" in line]
    assert line.startswith("MISSING") and "valgrind" in line


def test_data_check_describes_the_bundled_split() -> None:
    ended = CliRunner().invoke(cli, ["data", "check", "--split", "pie_mini"])
    assert ended.exit_code == 0, ended.output
    assert ended.output.startswith("pie_mini: ")
    assert "sha256 " in ended.output


def test_data_check_names_faults(tmp_path: Path) -> None:
    (tmp_path / "test.jsonl").write_text(
        '{"problem_id": "p1", "src_id": "a", "tgt_id": "b", "src_code": "x", "tgt_code": "y", "tests": ["0"]}\n'
    )
    ended = CliRunner().invoke(cli, ["data", "check", "--split", "pie_test", "--data-dir", str(tmp_path)])
    assert ended.exit_code == 1
    assert "fault: " in ended.output and "p1" in ended.output


def test_toolchain_list_and_check_agree() -> None:
    listed = CliRunner().invoke(cli, ["toolchain", "list"])
    checked = CliRunner().invoke(cli, ["toolchain", "check", "host"])
    assert listed.exit_code == checked.exit_code == 0
    (compiler,) = [line.split(": ")[1] for line in checked.output.splitlines() if line.startswith("compiler: ")]
    assert f"host: {compiler}" in listed.output.splitlines()
    assert checked.output.splitlines()[-1].startswith("fingerprint ")
