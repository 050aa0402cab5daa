"""``pie doctor``, ``pie data check`` and ``pie toolchain`` on this machine."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from pie_tasks.cli import cli


@pytest.mark.usefixtures("default_root")
def test_doctor_names_every_part_and_its_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PIE_DATA_DIR", raising=False)
    ended = CliRunner().invoke(cli, ["doctor"])
    lines = {line[8:].split("  ")[0]: line for line in ended.output.splitlines()}
    assert ended.exit_code == 0, ended.output
    for part in ("isolation bubblewrap", "toolchain paper", "engine skylake", "split pie_mini", "framework lm-eval"):
        assert lines[part].startswith("ok "), part
    assert lines["split pie_test"].startswith("- ")
    assert "set PIE_DATA_DIR" in lines["split pie_test"]


@pytest.mark.usefixtures("default_root")
def test_doctor_fails_without_qemu() -> None:
    """On a view of this machine in which QEMU's programs are hidden from the search path."""
    pie = Path(sys.executable).with_name("pie")
    qemu = shutil.which("qemu-x86_64")
    if qemu is None:
        pytest.skip("QEMU's user mode is not installed")
    view = ["bwrap", "--dev-bind", "/", "/", "--ro-bind", "/dev/null", qemu, "--"]
    ended = subprocess.run([*view, pie, "doctor"], capture_output=True, text=True, timeout=300, check=False)
    assert ended.returncode == 1
    (line,) = [line for line in ended.stdout.splitlines() if "engine skylake" in line]
    assert line.startswith("MISSING") and "qemu-user" in line


def test_data_check_describes_the_bundled_split() -> None:
    ended = CliRunner().invoke(cli, ["data", "check", "--split", "pie_mini"])
    assert ended.exit_code == 0, ended.output
    assert ended.output.startswith("pie_mini: ")
    assert "sha256 " in ended.output


def test_data_check_names_faults(tmp_path: Path) -> None:
    (tmp_path / "test.jsonl").write_text(
        '{"problem_id": "p1", "src_id": "a", "tgt_id": "b", "src_code": "x", "tgt_code": "y", "tests": ["0"]}\n'
    )
    tests = tmp_path / "merged_test_cases" / "p1"
    tests.mkdir(parents=True)
    (tests / "input.0.txt").write_text("1\n")
    ended = CliRunner().invoke(cli, ["data", "check", "--split", "pie_test", "--data-dir", str(tmp_path)])
    assert ended.exit_code == 1
    assert any(line.startswith("fault: ") and "p1" in line for line in ended.output.splitlines())


def test_toolchain_list_and_check_agree() -> None:
    listed = CliRunner().invoke(cli, ["toolchain", "list"])
    checked = CliRunner().invoke(cli, ["toolchain", "check", "host"])
    assert listed.exit_code == checked.exit_code == 0
    (compiler,) = [line.split(": ")[1] for line in checked.output.splitlines() if line.startswith("compiler: ")]
    assert f"host: {compiler}" in listed.output.splitlines()
    assert checked.output.splitlines()[-1].startswith("fingerprint ")
