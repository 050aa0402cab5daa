"""What contains hostile programs: a registry of isolations, one a file."""

from __future__ import annotations

from collections.abc import Callable

from sandbox.isolation.base import Command, Completed, Isolation, ProcessLimits
from sandbox.registry import Registry

ISOLATIONS: Registry[Callable[[], Isolation]] = Registry("isolation")


def make_isolation(name: str) -> Isolation:
    """The isolation called ``name``.

    Raises:
        SandboxError: There is none.
    """
    from sandbox.isolation import bubblewrap, docker  # noqa: F401  (they register themselves)

    return ISOLATIONS.get(name)()


__all__ = ["ISOLATIONS", "Command", "Completed", "Isolation", "ProcessLimits", "make_isolation"]
