"""The registry of executors: each is a function from a number of workers to a standard executor."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor

from sandbox.registry import Registry

EXECUTORS: Registry[Callable[[int], Executor]] = Registry("executor")


def make_executor(name: str, workers: int) -> Executor:
    """Start the executor called ``name`` with ``workers`` workers."""
    return EXECUTORS.get(name)(workers)
