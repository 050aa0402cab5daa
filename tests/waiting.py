"""Waiting for what other processes do, on machines of any speed."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE = 300
"""Seconds, after which a test has failed."""


def wait_until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)
