"""A harness that is killed at any moment leaves nothing a minute after the next start, and never a damaged store."""

import contextlib
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from sandbox import scratch
from sandbox.isolation import ALLOWED, cgroup
from tests.leftovers import adopted, children, containers
from tests.sandbox.isolation.conftest import names, working
from tests.sandbox.isolation.killed_harness import judge

ROUNDS, AT_ONCE = 10, 3
MOST_SECONDS = 6.0


@pytest.fixture
def folder():
    """A folder that contained programs can enter, with one for temporary files."""
    made = Path(tempfile.mkdtemp(prefix="kills-"))
    made.chmod(0o711)
    (made / "temporary").mkdir()
    (made / "temporary").chmod(0o711)
    with adopted():
        yield made
    shutil.rmtree(made)


@pytest.mark.parametrize("isolation", names())
def test_killed_thirty_times(isolation: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    working(isolation)
    monkeypatch.setenv(ALLOWED, "1")
    before, mounts = children(), _mounts()
    chance = random.Random(7)
    temporary = folder / "temporary"
    killed = 0
    for number in range(ROUNDS):
        harnesses = [_harness(isolation, folder, temporary, 1000 * number + 100 * one) for one in range(AT_ONCE)]
        moments = sorted(chance.uniform(0, MOST_SECONDS) for _ in harnesses)
        started = time.monotonic()
        for moment, harness in zip(moments, harnesses, strict=True):
            time.sleep(max(0.0, started + moment - time.monotonic()))
            killed += harness.poll() is None
            harness.kill()
            harness.wait()
        assert _integrity(folder / "store.sqlite") in ("ok", "no store yet")
    assert killed >= 30

    monkeypatch.setenv("TMPDIR", str(temporary))
    last = _harness(isolation, folder, temporary, 0, count=2)
    assert last.wait() == 0, "the next start failed"
    deadline = time.monotonic() + 60
    while left := _left(before, mounts, temporary):
        assert time.monotonic() < deadline, left
        time.sleep(0.5)

    assert _integrity(folder / "store.sqlite") == "ok"
    # 'none' shows programs other paths, so its times are its own
    other = "none" if isolation == "none" else "bubblewrap"
    assert judge(isolation, folder, 0, 4) == judge(other, folder / "fresh", 0, 4)


def _harness(isolation: str, folder: Path, temporary: Path, seed: int, count: int = 100) -> subprocess.Popen[bytes]:
    """A harness that judges ``count`` programs, by default more than any machine judges before the last kill."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.sandbox.isolation.killed_harness", isolation, folder, str(seed), str(count)],
        env={**os.environ, "TMPDIR": str(temporary)},
        stdout=subprocess.DEVNULL,
    )


def _integrity(store: Path) -> str:
    if not store.exists():
        return "no store yet"
    with contextlib.closing(sqlite3.connect(store, timeout=60)) as connection:
        return str(connection.execute("PRAGMA integrity_check").fetchone()[0])


def _mounts() -> set[str]:
    return {line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()}


def _left(before: set[int], mounts: set[str], temporary: Path) -> list[str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(temporary))
        scratch.sweep()
    cgroup.sweep()
    left = [f"process {child}" for child in children() - before]
    left += [f"mount {mount}" for mount in _mounts() - mounts if str(temporary) in mount]
    left += [str(path) for path in temporary.rglob("*") if path.name != f"pie-{os.geteuid()}"]
    left += [f"control group {path}" for path in _groups() if not _alive(path.name)]
    return left + containers(temporary)


def _groups() -> list[Path]:
    return list(parent.glob("pie-[0-9]*")) if (parent := cgroup._parent()) is not None else []


def _alive(group: str) -> bool:
    return Path("/proc", group.split("-")[1]).exists()
