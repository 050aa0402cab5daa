"""Worker processes on this machine.

The standard library's pool fails every unit in flight when one worker dies, so that a program that gets its worker
killed takes its neighbours with it; and its workers import the harness's main module again, which for lm-eval takes
seconds and hundreds of megabytes each. Here a worker is a fresh interpreter that knows the sandbox only, and its death
is the failure of the one unit that it was doing.
"""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any, TypeVar

from sandbox.executors.base import EXECUTORS, Joining, Pool, SameMachine, WorkerDied
from sandbox.executors.worker import GRACE_SECONDS
from sandbox.scratch import sweep

T = TypeVar("T")


@dataclass(frozen=True)
class _Call:
    future: Future[Any]
    function: Callable[..., Any]
    arguments: tuple[Any, ...]


class LocalProcesses(Executor):
    """Up to ``workers`` processes, each started when it is first needed and started again when it has died.

    Args:
        workers: Number of processes.
        joining: What each process calls before its first unit.
        preload: Modules that each imports first, for engines and checkers that register themselves from elsewhere.
    """

    def __init__(self, workers: int, joining: Joining, preload: Sequence[str] = ()) -> None:
        self._joining = joining
        self._preload = tuple(preload)
        self._calls: queue.SimpleQueue[_Call | None] = queue.SimpleQueue()
        self._processes: set[_Process] = set()
        self._lock = threading.Lock()
        self._killed = False
        self._threads = [
            threading.Thread(target=self._serve, name=f"pie-worker-{number}", daemon=True) for number in range(workers)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def pids(self) -> list[int]:
        """Process ids of the living workers."""
        with self._lock:
            return [process.pid for process in self._processes]

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        """Call ``fn(*args)`` in a worker. Its future fails with :class:`WorkerDied` if the worker does."""
        if kwargs:
            raise TypeError("workers take positional arguments only")
        future: Future[T] = Future()
        self._calls.put(_Call(future, fn, args))
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """As in :class:`concurrent.futures.Executor`."""
        if cancel_futures:
            self._cancel_queued()
        for _ in self._threads:
            self._calls.put(None)
        if wait:
            for thread in self._threads:
                thread.join()

    def kill(self) -> None:
        """End all work at once. The workers take their contained programs and temporary files with them."""
        with self._lock:
            self._killed = True
            for process in self._processes:
                process.terminate()
        self.shutdown(wait=False, cancel_futures=True)
        deadline = time.monotonic() + GRACE_SECONDS
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        with self._lock:
            for process in self._processes:
                process.kill()
        for thread in self._threads:
            thread.join()

    def _cancel_queued(self) -> None:
        with contextlib.suppress(queue.Empty):
            while True:
                call = self._calls.get_nowait()
                if call is not None:
                    call.future.cancel()

    def _serve(self) -> None:
        """Hand calls to one worker process, one at a time."""
        process: _Process | None = None
        try:
            while (call := self._calls.get()) is not None:
                if call.future.set_running_or_notify_cancel():
                    process = self._do(call, process)
        finally:
            if process is not None:
                self._end(process)

    def _do(self, call: _Call, process: _Process | None) -> _Process | None:
        """One call on ``process``, or on a new one. Returns the process to use next."""
        try:
            if process is not None and not process.alive:  # died between two calls: no fault of this one
                self._end(process)
                process = None
            if process is None:
                process = self._start()
                process.call(self._joining, ())
            result = process.call(call.function, call.arguments)
        except (EOFError, OSError) as error:
            cause = str(error) if process is None else self._end(process)
            call.future.set_exception(WorkerDied(f"the worker {cause}"))
            return None
        except BaseException as error:
            call.future.set_exception(error)
        else:
            call.future.set_result(result)
        return process

    def _start(self) -> _Process:
        with self._lock:
            if self._killed:
                raise OSError("was ended")
            process = _Process(self._preload)
            self._processes.add(process)
            return process

    def _end(self, process: _Process) -> str:
        with self._lock:
            self._processes.discard(process)
        return process.end()


class _Process:
    """One worker process, as its thread sees it."""

    def __init__(self, preload: tuple[str, ...]) -> None:
        mine, its = socket.socketpair()
        lifeline, self._lifeline = os.pipe()
        command = (
            f"import sys; sys.path[:] = {sys.path!r}\n"
            "from sandbox.executors.worker import serve\n"
            f"serve({its.fileno()}, {lifeline}, {preload!r})"
        )
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-c", command],
                stdin=subprocess.DEVNULL,
                stdout=2,
                pass_fds=(its.fileno(), lifeline),
                start_new_session=True,  # out of the reach of a terminal's Ctrl-C
            )
        except BaseException:
            mine.close()
            os.close(self._lifeline)
            raise
        finally:
            its.close()
            os.close(lifeline)
        self.pid = self._process.pid
        self._connection = Connection(mine.detach())

    def call(self, function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
        """Call in the process.

        Raises:
            EOFError: It has died.
            BaseException: What the function raised.
        """
        self._connection.send((function, arguments))
        good, answer = self._connection.recv()
        if not good:
            raise answer
        return answer

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def terminate(self) -> None:
        """Tell the process to leave what it is doing."""
        self._process.terminate()

    def kill(self) -> None:
        self._process.kill()

    def end(self) -> str:
        """End the process if it lives, reap it, and say how it ended."""
        self._connection.close()
        status = self._process.wait()
        os.close(self._lifeline)
        with contextlib.suppress(OSError):
            sweep()  # a worker that was killed couldn't do it itself
        return f"was killed by {signal.Signals(-status).name}" if status < 0 else f"ended with status {status}"


def local(workers: int, joining: Joining, preload: Sequence[str] = ()) -> Pool:
    """A pool of ``workers`` fresh processes; they share nothing with the harness but the store."""
    executor = LocalProcesses(workers, joining, preload)
    return Pool(executor, lambda: workers, executor.kill)


EXECUTORS.register("local")(SameMachine(local))
