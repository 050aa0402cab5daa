"""Counting cores, on trees that look like other machines'."""

import os

import pytest

from sandbox.scheduler import default_workers
from sandbox.scheduler.cores import usable_cores
from sandbox.types import SandboxError


def machine(root, siblings, quotas=None):
    """A machine on which processor n is one of ``siblings[n]``; ``quotas``: control group -> its cpu.max."""
    for processor, threads in siblings.items():
        topology = root / f"sys/devices/system/cpu/cpu{processor}/topology"
        topology.mkdir(parents=True)
        (topology / "thread_siblings_list").write_text(threads + "\n")
    for group, content in (quotas or {}).items():
        folder = root / "sys/fs/cgroup" / group
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "cpu.max").write_text(content + "\n")
    (root / "proc/self").mkdir(parents=True)
    (root / "proc/self/cgroup").write_text("0::/a/b\n")
    return root


@pytest.fixture(autouse=True)
def four_processors(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: {0, 1, 2, 3})


def test_threads_of_one_core_count_once(tmp_path):
    assert usable_cores(machine(tmp_path / "smt", {0: "0,2", 1: "1,3", 2: "0,2", 3: "1,3"})) == 2
    assert usable_cores(machine(tmp_path / "plain", {n: str(n) for n in range(4)})) == 4
    assert usable_cores(tmp_path / "unknown") == 4


@pytest.mark.parametrize(
    ("quotas", "expected"),
    [
        ({"a/b": "max 100000"}, 4),
        ({"a/b": "250000 100000"}, 3),
        ({"a/b": "max 100000", "a": "100000 100000"}, 1),
        ({"": "200000 100000"}, 2),
        ({"a/b": "10000 100000"}, 1),
        ({"a/b": "9900000 100000"}, 4),
        ({"a/c": "100000 100000"}, 4),
    ],
)
def test_a_containers_share_counts(tmp_path, quotas, expected):
    assert usable_cores(machine(tmp_path, {n: str(n) for n in range(4)}, quotas)) == expected


def test_the_user_has_the_last_word(monkeypatch):
    monkeypatch.setenv("PIE_WORKERS", "7")
    assert default_workers() == 7
    for wrong in ("0", "two", "-1"):
        monkeypatch.setenv("PIE_WORKERS", wrong)
        with pytest.raises(SandboxError, match="PIE_WORKERS"):
            default_workers()
