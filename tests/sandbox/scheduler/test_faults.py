"""Workers and whole runs that are killed, again and again: the table of verdicts stays the same to the last bit.

Every simulation of the killed runs is noted with whether the store had it already (``faults_driver.py``).
"""

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sandbox.store.transfer import check
from tests.sandbox.executors.dask_processes import DaskProcesses

ROOT = Path(__file__).parents[3]
DRIVER = Path(__file__).parent / "faults_driver.py"
PATIENCE = 600
"""Seconds after which something hangs, on any machine."""


class Run:
    """Runs of the driver on one store, in one folder of this test's own."""

    def __init__(self, folder, executor):
        self.folder, self.executor = folder, executor
        folder.mkdir()
        self.env = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "PIE_CACHE_DIR": str(folder / "cache"),
            "PIE_TEST_STORE": str(folder / "store.sqlite"),
            "PIE_TEST_JOURNAL": str(folder / "journal"),
        }

    def start(self):
        arguments = [self.executor, self.env["PIE_TEST_STORE"], self.env["PIE_CACHE_DIR"], self.folder / "table"]
        return subprocess.Popen([sys.executable, DRIVER, *arguments], env=self.env, stderr=subprocess.PIPE, text=True)

    def finish(self, process):
        _, complaint = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, complaint
        return (self.folder / "table").read_text()

    def journal(self):
        with contextlib.suppress(FileNotFoundError):
            return [tuple(line.split()) for line in (self.folder / "journal").read_text().splitlines()]
        return []

    def assert_nothing_was_done_twice(self):
        again = [line for line in self.journal() if line[0] == "again"]
        assert not again
        assert check(self.folder / "store.sqlite") == []


@pytest.fixture
def undisturbed(config, tmp_path):
    """The table of a run that nobody disturbs."""
    run = Run(tmp_path / "undisturbed", "journal")
    table = run.finish(run.start())
    assert '"accepted"' in table
    assert '"compile_error"' in table
    return table


def children(pid):
    with contextlib.suppress(OSError):
        return [
            int(child)
            for task in Path(f"/proc/{pid}/task").iterdir()
            for child in (task / "children").read_text().split()
        ]
    return []


def kill(pid):
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def wait_for_more(run, process, lines):
    """Wait until the journal has grown by some lines, or the run has ended."""
    wanted = len(run.journal()) + lines
    deadline = time.monotonic() + PATIENCE
    while len(run.journal()) < wanted and process.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_killed_local_workers_and_runs(undisturbed, tmp_path):
    chance = random.Random(1)
    run = Run(tmp_path / "disturbed", "journal")
    for _ in range(4):  # the whole run, each time a few simulations further on
        process = run.start()
        wait_for_more(run, process, chance.randint(2, 5))
        kill(process.pid)
        process.wait()
    process = run.start()
    for _ in range(4):  # then some of its workers
        wait_for_more(run, process, chance.randint(1, 4))
        kill(chance.choice(children(process.pid) or [process.pid]))
    assert run.finish(process) == undisturbed
    run.assert_nothing_was_done_twice()


def test_killed_dask_workers_and_runs(undisturbed, tmp_path):
    pytest.importorskip("distributed", reason="the extra 'dask' isn't installed")
    chance = random.Random(2)
    run = Run(tmp_path / "disturbed", "")
    with DaskProcesses(tmp_path, run.env, preload="tests.sandbox.scheduler.faults_driver") as cluster:
        run.executor = cluster.address
        for _ in range(2):
            cluster.start_worker()
        for _ in range(3):
            process = run.start()
            wait_for_more(run, process, chance.randint(2, 5))
            kill(process.pid)
            process.wait()
        process = run.start()
        for _ in range(3):
            wait_for_more(run, process, chance.randint(1, 4))
            cluster.kill_worker(chance.randrange(2))
            cluster.start_worker()
        assert run.finish(process) == undisturbed
    run.assert_nothing_was_done_twice()
