"""The registry of executors: each is a function that starts workers behind a standard executor."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor
from dataclasses import dataclass
from urllib.parse import urlsplit

from sandbox.registry import Registry
from sandbox.types import SandboxError

Joining = Callable[[], object]
"""What a worker calls before its first unit. It raises :class:`sandbox.types.SandboxError` where it can't measure."""


class WorkerDied(BrokenExecutor):
    """The worker that was doing this unit ended; other units aren't concerned."""


@dataclass(frozen=True)
class Pool:
    """A started executor and the little that the standard interface doesn't tell.

    Attributes:
        executor: Takes units.
        slots: How many units its workers do at once, now.
        close: Ends all work at once and leaves no process behind.
    """

    executor: Executor
    slots: Callable[[], int]
    close: Callable[[], None]


Start = Callable[[int, Joining], Executor | Pool]
"""Starts an executor, given the number of workers and what each must call on joining."""


@dataclass(frozen=True)
class SameMachine:
    """Starts an executor whose workers are processes of this machine and see the harness's files.

    Attributes:
        start: Starts it.
    """

    start: Start

    def __call__(self, workers: int, joining: Joining) -> Executor | Pool:
        return self.start(workers, joining)


EXECUTORS: Registry[Start] = Registry("executor")
"""How to start an executor, by the name that users give."""

DASK_SCHEMES = ("tcp://", "tls://", "ucx://", "ws://", "wss://")


def make_pool(name: str, workers: int, joining: Joining) -> Pool:
    """Start the executor called ``name``, or that of the Dask scheduler at the address ``name``.

    Args:
        name: A registered name or an address like ``tcp://scheduler:8786``.
        workers: How many workers to start; a running cluster has its own.
        joining: What each worker is to call before its first unit; a picklable function.

    Raises:
        SandboxError: There is no such executor, or it doesn't start.
    """
    if name.startswith(DASK_SCHEMES):
        from sandbox.executors.cluster import connect

        return connect(name, joining)
    made = EXECUTORS.get(name)(workers, joining)
    if isinstance(made, Pool):
        return made
    return Pool(made, lambda: workers, lambda: made.shutdown(wait=False, cancel_futures=True))


def shares_files(name: str) -> bool:
    """Whether the workers of executor ``name`` see the harness's files; others ask the harness for what they need."""
    return not name.startswith(DASK_SCHEMES) and isinstance(EXECUTORS.get(name), SameMachine)


def worker_host(name: str) -> str:
    """The name or address under which workers of executor ``name`` reach this machine; ``PIE_HOST`` overrides it."""
    given = os.environ.get("PIE_HOST")
    if given:
        return given
    if not name.startswith(DASK_SCHEMES):
        return "127.0.0.1" if name == "local-cluster" else socket.gethostname()
    there = urlsplit(name)
    try:
        # A datagram socket finds its route without sending anything.
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as route:
            route.connect((there.hostname, there.port or 8786))
            return str(route.getsockname()[0])
    except OSError as error:
        raise SandboxError(f"can't find a way to the Dask scheduler at {name}: {error}") from None


def check_name(name: str) -> None:
    """Raise :class:`sandbox.types.SandboxError` where ``name`` names no executor."""
    if not name.startswith(DASK_SCHEMES):
        EXECUTORS.get(name)
