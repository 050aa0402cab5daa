"""The executor over a Dask cluster of processes of their own: workers that come, go, die and are refused."""

import os
from concurrent.futures import BrokenExecutor
from functools import partial

import pytest

from sandbox.executors import WorkerDied, check_name, make_pool
from sandbox.types import SandboxError
from tests.sandbox.executors import functions
from tests.sandbox.executors.dask_processes import DaskProcesses
from tests.waiting import PATIENCE, wait_until

pytest.importorskip("distributed", reason="the extra 'dask' isn't installed")

MARK = "PIE_TEST_MARK"


@pytest.fixture
def cluster(tmp_path):
    with DaskProcesses(tmp_path, dict(os.environ)) as cluster:
        yield cluster


@pytest.fixture
def pool(cluster):
    pool = make_pool(cluster.address, 0, partial(functions.refuse_where, MARK))
    yield pool
    pool.close()


def test_calls_wait_for_workers_and_use_those_that_come(cluster, pool):
    calls = [pool.executor.submit(functions.double, number) for number in range(6)]
    assert pool.slots() == 0
    assert not any(call.done() for call in calls)
    cluster.start_worker()
    assert [call.result(PATIENCE) for call in calls] == [0, 2, 4, 6, 8, 10]
    assert pool.slots() == 1
    cluster.start_worker()
    wait_until(lambda: pool.slots() == 2)


def test_a_worker_with_another_clock_is_refused_by_name(cluster, pool, caplog):
    cluster.start_worker(**{MARK: "node7"})
    wait_until(lambda: pool.executor.refused)
    ((address, why),) = pool.executor.refused.items()
    assert "node7" in why
    assert any(address in record.message and "node7" in record.message for record in caplog.records)
    cluster.start_worker()
    assert [pool.executor.submit(functions.environment, MARK).result(PATIENCE) for _ in range(10)] == [None] * 10
    assert pool.slots() == 1


def test_what_ran_on_a_dead_worker_runs_elsewhere(cluster, pool, tmp_path):
    cluster.start_worker()
    wait_until(lambda: pool.slots() == 1)
    call = pool.executor.submit(functions.sleep, 2, str(tmp_path / "told"))
    wait_until((tmp_path / "told").exists)
    cluster.kill_worker(0)
    cluster.start_worker()  # under another address than the call was sent to
    assert call.result(PATIENCE) == 2


def test_a_call_that_kills_every_worker_is_given_up(cluster, pool):
    for _ in range(6):
        cluster.start_worker()
    wait_until(lambda: pool.slots() == 6)
    with pytest.raises(WorkerDied, match="workers died"):
        pool.executor.submit(functions.die).result(PATIENCE)
    wait_until(lambda: pool.slots() == 2)
    assert pool.executor.submit(functions.double, 4).result(PATIENCE) == 8


def test_errors_come_back_as_they_are_at_home(cluster, pool):
    cluster.start_worker()
    with pytest.raises(SandboxError, match="ValueError: no such value"):
        pool.executor.submit(functions.fail).result(PATIENCE)
    with pytest.raises(SandboxError, match="is refused"):
        pool.executor.submit(functions.refuse).result(PATIENCE)


def test_a_lost_scheduler_breaks_the_executor(cluster, pool, tmp_path):
    cluster.start_worker()
    wait_until(lambda: pool.slots() == 1)
    call = pool.executor.submit(functions.sleep, PATIENCE, str(tmp_path / "told"))
    wait_until((tmp_path / "told").exists)
    cluster.kill_scheduler()
    assert isinstance(call.exception(PATIENCE), BrokenExecutor)


def test_nobody_at_the_address_is_one_line():
    with pytest.raises(SandboxError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:1"):
        make_pool("tcp://127.0.0.1:1", 0, functions.nothing)


def test_an_unknown_executor_is_refused():
    with pytest.raises(SandboxError, match=r"unknown executor 'slurm'; choose one of: local, local-cluster"):
        check_name("slurm")
