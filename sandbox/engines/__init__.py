"""Engines: what measures time. One a file or folder, found by name in :data:`ENGINES`."""

from __future__ import annotations

from collections.abc import Callable

from sandbox.engines.base import Engine, EngineContext
from sandbox.registry import Registry

ENGINES: Registry[Callable[[EngineContext], Engine]] = Registry("engine")


def make_engine(name: str, context: EngineContext) -> Engine:
    """The engine called ``name``, working in ``context``.

    Raises:
        SandboxError: There is none.
    """
    from sandbox.engines import cachegrind, gem5, skylake  # noqa: F401  (they register themselves)

    return ENGINES.get(name)(context)


__all__ = ["ENGINES", "Engine", "EngineContext", "make_engine"]
