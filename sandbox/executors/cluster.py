"""Workers of a Dask cluster: one that runs somewhere, by its scheduler's address, or one made on this machine.

Dask's own deployers start workers on Slurm, Kubernetes, SSH and others (docs/cluster.md). Every worker is checked when it
joins; one that would measure with another clock is refused, by name, and gets no work. Dask may do a unit again when a
worker is lost; the unit then asks the store what is still missing.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future
from dataclasses import dataclass
from typing import Any, TypeVar

from sandbox.executors.base import EXECUTORS, Joining, Pool, WorkerDied
from sandbox.types import SandboxError

T = TypeVar("T")

logger = logging.getLogger(__name__)

POLL_SECONDS = 1.0
"""How often the cluster is asked for workers that came or went."""

PATIENCE_SECONDS = 60.0
"""How long units wait for a first worker that measures as the harness does."""


@dataclass
class _Call:
    """A call that has no result yet; ``workers`` may do it as ``remote``."""

    future: Future[Any]
    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    workers: frozenset[str] = frozenset()
    remote: Any = None


class DaskWorkers(Executor):
    """The admitted workers behind a Dask client.

    Args:
        client: A connected :class:`distributed.Client`; it is closed with the executor.
        joining: What every worker must be able to call without an error.
    """

    def __init__(self, client: Any, joining: Joining) -> None:
        self._client = client
        self._joining = joining
        self._admitted: dict[str, int] = {}
        self._refused: dict[str, str] = {}
        self._calls: dict[int, _Call] = {}
        self._lock = threading.RLock()
        self._closed = threading.Event()
        self._since = time.monotonic()
        self._look()
        self._watcher = threading.Thread(target=self._watch, name="pie-dask-watcher", daemon=True)
        self._watcher.start()

    @property
    def refused(self) -> dict[str, str]:
        """Address of each worker that was refused -> why."""
        return dict(self._refused)

    def slots(self) -> int:
        """Threads of the admitted workers."""
        return sum(self._admitted.values())

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        """Call ``fn(*args)`` on an admitted worker; it waits until there is one."""
        if kwargs:
            raise TypeError("workers take positional arguments only")
        if self._closed.is_set():
            raise BrokenExecutor("the Dask cluster is closed")
        future: Future[T] = Future()
        future.set_running_or_notify_cancel()
        call = _Call(future, fn, args)
        with self._lock:
            self._calls[id(call)] = call
            self._send(call)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """As in :class:`concurrent.futures.Executor`."""
        if wait and not cancel_futures:
            for call in list(self._calls.values()):
                with contextlib.suppress(BaseException):
                    call.future.result()
        self._closed.set()
        with self._lock:
            remotes = [call.remote for call in self._calls.values() if call.remote is not None]
            self._calls.clear()
        with contextlib.suppress(Exception):
            self._client.cancel(remotes)
            self._client.close(timeout=5)

    def _send(self, call: _Call) -> None:
        """Give ``call`` to Dask, if there is a worker for it."""
        call.workers = frozenset(self._admitted)
        if not call.workers:
            return
        try:
            call.remote = self._client.submit(
                call.function, *call.arguments, pure=False, workers=list(call.workers), retries=0
            )
        except Exception as error:
            self._fail(call, BrokenExecutor(f"lost the Dask scheduler: {error}"))
            return
        call.remote.add_done_callback(lambda remote: self._take(call, remote))

    def _take(self, call: _Call, remote: Any) -> None:
        """The outcome of ``remote``, unless the call was sent anew meanwhile."""
        from distributed import KilledWorker

        if call.remote is not remote or self._closed.is_set():
            return
        try:
            result = remote.result(timeout=10)
        except KilledWorker as error:
            self._fail(call, WorkerDied(f"workers died doing it, the last was {error.last_worker.address}"))
        except SandboxError as error:
            self._fail(call, error)
        except (CancelledError, TimeoutError, OSError) as error:
            self._fail(call, BrokenExecutor(f"lost the Dask scheduler ({type(error).__name__})"))
        except Exception as error:
            self._fail(call, SandboxError(f"{type(error).__name__}: {error}"))
        else:
            if self._forget(call):
                call.future.set_result(result)

    def _fail(self, call: _Call, error: BaseException) -> None:
        if self._forget(call):
            call.future.set_exception(error)

    def _forget(self, call: _Call) -> bool:
        """True for the first who ends ``call``."""
        with self._lock:
            return self._calls.pop(id(call), None) is not None

    def _watch(self) -> None:
        while not self._closed.wait(POLL_SECONDS):
            try:
                self._look()
            except Exception as error:
                if not self._closed.is_set():
                    logger.info("can't see the Dask cluster: %s", error)
                    self._end_if_lost()

    def _end_if_lost(self) -> None:
        if self._client.status in ("closed", "closing"):
            for call in list(self._calls.values()):
                self._fail(call, BrokenExecutor("lost the Dask scheduler"))

    def _look(self) -> None:
        """Admit workers that came, forget those that went, and send anew what waits for none that lives."""
        present = {
            address: int(about["nthreads"])
            for address, about in self._client.scheduler_info(n_workers=-1)["workers"].items()
        }
        new = [address for address in present if address not in self._admitted and address not in self._refused]
        outcomes = self._client.run(self._joining, workers=new, on_error="return") if new else {}
        with self._lock:
            for address in new:
                if (outcome := outcomes.get(address)) is None:
                    self._admitted[address] = present[address]
                elif isinstance(outcome, OSError):
                    continue  # it went while it was asked
                else:
                    self._refused[address] = str(outcome)
                    logger.warning("worker %s refused: %s", address, outcome)
            self._admitted = {address: slots for address, slots in self._admitted.items() if address in present}
            self._refused = {address: why for address, why in self._refused.items() if address in present}
            for call in list(self._calls.values()):
                if call.workers.isdisjoint(self._admitted):
                    self._send(call)
            self._lose_patience()

    def _lose_patience(self) -> None:
        if self._admitted:
            self._since = time.monotonic()
        elif self._calls and time.monotonic() - self._since > PATIENCE_SECONDS:
            why = "; ".join(self._refused.values()) or "none has joined"
            for call in list(self._calls.values()):
                self._fail(call, SandboxError(f"the Dask cluster has no worker for {PATIENCE_SECONDS:.0f} s: {why}"))


def connect(address: str, joining: Joining) -> Pool:
    """The workers of the cluster whose Dask scheduler is at ``address``.

    Raises:
        SandboxError: Dask isn't installed, or nothing answers there.
    """
    dask = _dask()
    try:
        client = dask.Client(address, timeout=20, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise SandboxError(f"no Dask scheduler answers at {address}: {error}") from None
    executor = DaskWorkers(client, joining)
    return Pool(executor, executor.slots, lambda: executor.shutdown(wait=False, cancel_futures=True))


@EXECUTORS.register("local-cluster")
def local_cluster(workers: int, joining: Joining) -> Pool:
    """A Dask cluster of ``workers`` processes on this machine: what a cluster does, without one.

    Raises:
        SandboxError: Dask isn't installed.
    """
    dask = _dask()
    cluster = dask.LocalCluster(
        n_workers=workers, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=logging.ERROR
    )
    executor = DaskWorkers(dask.Client(cluster, set_as_default=False), joining)

    def close() -> None:
        executor.shutdown(wait=False, cancel_futures=True)
        cluster.close(timeout=10)

    return Pool(executor, executor.slots, close)


def _dask() -> Any:
    try:
        import distributed
    except ImportError:
        raise SandboxError("this executor needs Dask: pip install 'pie-tasks[dask]'") from None
    return distributed
