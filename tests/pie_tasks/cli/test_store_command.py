"""``pie store`` as users call it."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pie_tasks.cli import cli
from pie_tasks.dataset import load_split
from sandbox.store import Store
from sandbox.store.sqlite import Build
from sandbox.types import Ending, Measurement, SandboxError, sha256

RUN = Measurement(Ending.EXITED, 0, sha256(b"output"), 6, 1000, 42, "")


def invoke(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, ["store", *map(str, arguments)], catch_exceptions=True)


def fill(path: Path, *sources: str, ticks: int = 1000) -> Path:
    store = Store(path)
    toolchain, engine, limits = (store.key({name: 1}) for name in ("toolchain", "engine", "limits"))
    for source in sources:
        name = sha256(source.encode())
        store.put_build(name, toolchain, Build(name, ""))
        store.put_run(name, engine, limits, sha256(b"input"), Measurement(**{**vars(RUN), "ticks": ticks}))
    store.close()
    return path


def test_merge_import_and_check_say_what_they_did(tmp_path: Path) -> None:
    ours, theirs = fill(tmp_path / "a.db", "slow"), fill(tmp_path / "b.db", "slow", "fast")
    merged = invoke("merge", ours, theirs)
    assert (merged.exit_code, "1 builds, 1 runs, 0 checks added" in merged.output) == (0, True), merged.output
    imported = invoke("import", theirs, "--store", tmp_path / "new.db")
    assert "2 builds, 2 runs, 0 checks added" in imported.output
    checked = invoke("check", tmp_path / "new.db")
    assert (checked.exit_code, "is sound: 2 builds, 2 runs" in checked.output) == (0, True)


def test_stores_that_disagree_are_refused_in_one_line(tmp_path: Path) -> None:
    ours, theirs = fill(tmp_path / "a.db", "slow"), fill(tmp_path / "b.db", "slow", ticks=1001)
    refused = invoke("merge", ours, theirs)
    assert isinstance(refused.exception, SandboxError)
    assert "differ in 1 records" in str(refused.exception)
    assert "1 records differ and were kept" in invoke("merge", ours, theirs, "--keep").output


def test_a_splits_baseline_can_be_cut_out(tmp_path: Path) -> None:
    row = load_split("pie_mini").rows[0]
    store = fill(tmp_path / "a.db", row.src_code, row.tgt_code, "int main() {}")
    exported = invoke("export", tmp_path / "out.db", "--store", store, "--sources", "--split", "pie_mini")
    assert "2 builds, 2 runs" in exported.output
    assert "3 builds" in invoke("export", tmp_path / "all.db", "--store", store).output


@pytest.mark.parametrize("arguments", [("check", "nothing.db"), ("merge", "a.db", "nothing.db"), ("export", "x.db")])
def test_a_store_that_is_not_there_is_not_made(
    arguments: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PIE_STORE", str(tmp_path / "default.db"))
    ended = invoke(*arguments)
    assert isinstance(ended.exception, SandboxError)
    assert "there is no store" in str(ended.exception)
    assert not (tmp_path / "nothing.db").exists() and not (tmp_path / "default.db").exists()
