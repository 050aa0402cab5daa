"""The executor ``local``: processes that die alone and leave nothing behind."""

import os
import subprocess
import sys
from concurrent.futures import wait
from importlib import import_module
from pathlib import Path

import pytest

from sandbox.executors import LocalProcesses, WorkerDied
from sandbox.types import SandboxError
from tests.sandbox.executors import functions
from tests.waiting import PATIENCE, wait_until


@pytest.fixture
def pool():
    pool = LocalProcesses(2, functions.nothing)
    yield pool
    pool.kill()


def is_alive(pid):
    """Whether there is such a process, or its parent hasn't taken notice of its end."""
    return Path(f"/proc/{pid}").exists()


def test_calls_come_back_and_workers_stay(pool):
    assert list(pool.map(functions.double, range(20))) == [2 * number for number in range(20)]
    pids = {pool.submit(functions.process_id).result() for _ in range(10)}
    assert pids <= set(pool.pids)
    assert os.getpid() not in pids


def test_a_dead_worker_fails_its_own_call_only(pool, tmp_path):
    neighbour = pool.submit(functions.sleep, 1, str(tmp_path / "told"))
    wait_until((tmp_path / "told").exists)
    for kill, cause in ((functions.die, "killed by SIGKILL"), (functions.leave, "ended with status 3")) * 2:
        with pytest.raises(WorkerDied, match=cause):
            pool.submit(kill).result()
    assert neighbour.result() == 1
    assert pool.submit(functions.double, 4).result() == 8


def test_a_worker_that_died_between_two_calls_fails_none(pool):
    for _ in range(3):
        victim = pool.submit(functions.process_id).result()
        os.kill(victim, 9)
        wait_until(lambda victim=victim: not is_running(victim))
        assert pool.submit(functions.double, 4).result() == 8


def is_running(pid):
    """Whether any of a process's threads isn't dead: its parent is told only when all are."""
    try:
        states = [stat.read_text().rpartition(")")[2].split()[0] for stat in Path(f"/proc/{pid}/task").glob("*/stat")]
    except (FileNotFoundError, ProcessLookupError):
        return True  # threads come and go; look again
    return any(state not in "ZX" for state in states) or len(states) > 1


def test_what_a_call_raises_comes_back_as_one_line(pool):
    with pytest.raises(SandboxError, match=r"ValueError: no such value \(.*functions\.py, line \d+\)"):
        pool.submit(functions.fail).result()


def test_a_worker_that_may_not_join_does_no_call():
    pool = LocalProcesses(1, functions.refuse)
    with pytest.raises(SandboxError, match=f"{os.uname().nodename} is refused"):
        pool.submit(functions.double, 4).result()
    pool.kill()


def test_killing_ends_calls_and_processes(pool, tmp_path):
    running = [pool.submit(functions.sleep, PATIENCE, str(tmp_path / str(number))) for number in range(2)]
    queued = pool.submit(functions.double, 4)
    wait_until(lambda: all((tmp_path / str(number)).exists() for number in range(2)))
    pids = pool.pids
    pool.kill()
    assert queued.cancelled()
    for future in running:
        with pytest.raises(WorkerDied):
            future.result()
    assert not any(map(is_alive, pids))


def test_killing_lets_calls_close_what_they_opened(pool, tmp_path):
    running = pool.submit(functions.hold_scratch, PATIENCE, str(tmp_path / "told"))
    wait_until((tmp_path / "told").exists)
    pool.kill()
    assert running.exception() is not None
    assert (tmp_path / "told.closed").exists()
    assert not Path((tmp_path / "told").read_text()).exists()


def test_a_killed_worker_leaves_no_scratch_folder(pool, tmp_path):
    running = pool.submit(functions.hold_scratch, PATIENCE, str(tmp_path / "told"))
    wait_until((tmp_path / "told").exists)
    for pid in pool.pids:
        os.kill(pid, 9)
    with pytest.raises(WorkerDied, match="killed by SIGKILL"):
        running.result()
    assert not (tmp_path / "told.closed").exists()
    assert not Path((tmp_path / "told").read_text()).exists()


def test_a_call_that_ignores_its_end_is_killed(pool, tmp_path, monkeypatch):
    monkeypatch.setattr(import_module("sandbox.executors.local"), "GRACE_SECONDS", 0.1)
    running = pool.submit(functions.ignore_the_end, PATIENCE, str(tmp_path / "told"))
    wait_until((tmp_path / "told").exists)
    pool.kill()
    with pytest.raises(WorkerDied, match="killed by SIGKILL"):
        running.result()


def test_shutdown_waits_for_what_runs(tmp_path):
    pool = LocalProcesses(1, functions.nothing)
    future = pool.submit(functions.sleep, 0.5, str(tmp_path / "told"))
    pool.shutdown()
    assert future.result(timeout=0) == 0.5
    assert not wait([future]).not_done


def test_workers_end_with_a_killed_harness(tmp_path):
    program = f"""
import sys
from sandbox.executors import LocalProcesses
from tests.sandbox.executors import functions
from tests.waiting import PATIENCE, wait_until
pool = LocalProcesses(2, functions.nothing)
calls = [pool.submit(functions.sleep, {PATIENCE}, "{tmp_path}/" + str(number)) for number in range(2)]
while len(pool.pids) < 2:
    pass
print(*pool.pids, flush=True)
calls[0].result()
"""
    harness = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    pids = [int(pid) for pid in harness.stdout.readline().split()]
    wait_until(lambda: all((tmp_path / str(number)).exists() for number in range(2)))
    harness.kill()
    harness.wait()
    wait_until(lambda: not any(map(is_running, pids)))


def test_workers_know_the_sandbox_only(pool):
    import lm_eval  # noqa: F401  (what the harness has loaded is not what its workers load)

    loaded = pool.submit(functions.loaded_modules).result()
    assert "sandbox.executors.worker" in loaded
    assert not loaded & {"lm_eval", "inspect_ai", "datasets", "numpy"}


def test_modules_that_register_themselves_can_be_loaded():
    pool = LocalProcesses(1, functions.nothing, preload=["json.tool"])
    assert "json.tool" in pool.submit(functions.loaded_modules).result()
    pool.kill()
