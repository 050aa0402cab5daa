"""What measures time. One program and many inputs go in; one run an input comes out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from sandbox.isolation.base import Isolation
from sandbox.toolchain.base import ToolchainRoot
from sandbox.types import Limits, Run


@dataclass(frozen=True)
class EngineContext:
    """Where an engine works: the root whose libraries programs see, what contains them, and the engine's options."""

    root: ToolchainRoot
    isolation: Isolation
    options: Mapping[str, str]


class Engine(Protocol):
    """One way to measure time. Implementations are registered by name in :mod:`sandbox.engines`.

    Attributes:
        name: The name users give (``--engine``).
        native_first: Whether programs must run natively before they are timed: because the engine is slow, can't limit
            time itself, or can't be trusted with exit states.
    """

    name: str
    native_first: bool

    def check(self) -> None:
        """Raise :class:`sandbox.types.SandboxError`, with the remedy, where this engine can't work here."""

    def fingerprint(self) -> Mapping[str, str]:
        """Everything that decides a time, apart from program, input and limits: engine, version, model parameters, argv
        and environment layout, toolchain root, isolation where it matters. Equal fingerprints mean equal ticks."""

    def run(self, program: Path, inputs: Sequence[bytes], limits: Limits) -> Iterator[Run]:
        """Run ``program`` once for each input, as if each had a process of its own, and yield in the order of ``inputs``.

        A run is yielded when it ends. Closing the iterator ends what is under way and leaves nothing behind.

        Raises:
            SandboxError: The engine failed for a reason that isn't the program's.
        """
