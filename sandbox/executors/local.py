"""Worker processes on this machine."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from concurrent.futures import Executor, ProcessPoolExecutor
from multiprocessing.process import BaseProcess

from sandbox.executors.base import EXECUTORS


def _outlive_nobody() -> None:
    """Leave Ctrl-C to the harness, and end with it: a killed harness must not leave workers behind."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=[parent], daemon=True).start()


def _end_with(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)


@EXECUTORS.register("local")
def local(workers: int) -> Executor:
    """A pool of ``workers`` fresh processes; they share nothing with the harness but the store."""
    return ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), initializer=_outlive_nobody)
