"""The same digits on one core and on all, under another user, home, folder and environment."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.pie_tasks.frameworks.tiny_split import Run

NOBODY = 65534
OTHER_USER = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--inh-caps=-all")


def test_nothing_of_the_machine_reaches_a_digit(run: Run, generations: Path, tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "a" / "much longer path" / "there"
    for folder in (here, there):
        folder.mkdir(parents=True)
    first = _scored(run, generations, here, {"PIE_WORKERS": str(os.cpu_count())})
    changed = {"PIE_WORKERS": "1", "HOME": str(there), "USER": "somebody", "LANG": "C.UTF-8", "FILLER": "x" * 20_000}
    assert _scored(run, generations, there, changed) == first


def test_another_user_gets_the_same_digits(
    run: Run, generations: Path, environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can become another user")
    # the shell gives up what privileges setpriv itself leaves
    python = [*OTHER_USER, "sh", "-c", f"'{sys.executable}' -c 'import pie_tasks'"]
    if subprocess.run(python, capture_output=True, check=False, cwd="/").returncode != 0:
        pytest.skip("this Python, or the project, isn't readable by other users")
    mine, other = tmp_path_factory.mktemp("mine"), tmp_path_factory.mktemp("other")
    for folder in (other, other.parent, other.parent.parent, generations.parent, *generations.parent.rglob("*/")):
        folder.chmod(folder.stat().st_mode | 0o055)
    os.chown(other, NOBODY, NOBODY)
    private = {"PIE_CACHE_DIR": str(other / "cache"), "PIE_STORE": str(other / "store.sqlite"), "HOME": str(other)}
    pie = Path(sys.executable).with_name("pie")
    ended = subprocess.run(
        [*OTHER_USER, pie, "score", generations, "-o", "scores.json"],
        cwd=other,
        env={**environment, **private, "HF_HOME": str(other / "hf")},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert _digits(other / "scores.json") == _scored(run, generations, mine, {})


def _scored(run: Run, generations: Path, folder: Path, changed: dict[str, str]) -> Any:
    """The digits of a run that finds nothing in its store."""
    private = {"PIE_CACHE_DIR": str(folder / "cache"), "PIE_STORE": str(folder / "store.sqlite")}
    ended = run("pie", "score", generations, "-o", "scores.json", cwd=folder, env={**private, **changed})
    assert ended.returncode == 0, ended.stderr
    return _digits(folder / "scores.json")


def _digits(path: Path) -> Any:
    content = json.loads(path.read_text())
    assert content["figures"] and content["pairs"]
    return content
