"""Registration by name: how engines, isolations, checkers, prompt strategies and data sets are found."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from sandbox.types import SandboxError

T = TypeVar("T")


class Registry(Generic[T]):
    """A table from a user's name to the thing it names.

    Args:
        kind: What the table holds, for messages ("engine").
    """

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._entries: dict[str, T] = {}

    def register(self, name: str) -> Callable[[T], T]:
        """Decorator that enters its argument under ``name``."""

        def enter(entry: T) -> T:
            if name in self._entries:
                raise ValueError(f"{self.kind} {name!r} is registered twice")
            self._entries[name] = entry
            return entry

        return enter

    def names(self) -> list[str]:
        return sorted(self._entries)

    def get(self, name: str) -> T:
        """The entry called ``name``.

        Raises:
            SandboxError: There is none; the message lists those that exist.
        """
        try:
            return self._entries[name]
        except KeyError:
            raise SandboxError(f"unknown {self.kind} {name!r}; choose one of: {', '.join(self.names())}") from None
