"""From program to simulated time: compile, contain, run, check, time, remember.

``sandbox.make()`` opens an environment that judges programs; see :mod:`sandbox.environment`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.environment import Environment as Environment
    from sandbox.environment import make as make
    from sandbox.types import TestCase as TestCase


def __getattr__(name: str) -> Any:
    # Engines and isolations are imported when somebody measures, not when a type is looked up.
    if name in {"make", "Environment", "TestCase"}:
        from sandbox import environment

        return getattr(environment, name)
    raise AttributeError(f"module 'sandbox' has no attribute {name!r}")
