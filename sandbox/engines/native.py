"""The machine itself: decides how a program ends and what it prints, never how long it takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from sandbox.engines.base import EngineContext
from sandbox.isolation.base import Command, Completed, ProcessLimits
from sandbox.toolchain import fingerprint
from sandbox.types import Ending, Limits, Run, SandboxError

IDLE_SECONDS = 5.0
"""A program that sleeps for so long without using the processor waits for ever."""

_LIMITS = {
    "cpu": Ending.TIME_LIMIT,
    "idle": Ending.BLOCKED,
    "memory": Ending.MEMORY_LIMIT,
    "output": Ending.OUTPUT_LIMIT,
}


class Native:
    """Runs programs on the host's processor, one process an input.

    Args:
        context: Root and isolation; a native run has no options.
    """

    name = "native"
    native_first = False

    def __init__(self, context: EngineContext) -> None:
        self._context = context

    def check(self) -> None:
        self._context.isolation.check()

    def fingerprint(self) -> Mapping[str, str]:
        return {
            "engine": self.name,
            "version": "1",
            "toolchain": self._context.root.name,
            "toolchain_sha256": fingerprint(self._context.root),
            **self._context.isolation.fingerprint(),
        }

    def run(self, program: Path, inputs: Sequence[bytes], limits: Limits) -> Iterator[Run]:
        for data in inputs:
            command = Command(
                argv=("./prog",),
                root=self._context.root,
                limits=process_limits(limits),
                stdin=data,
                readonly={"/work/prog": program},
            )
            yield as_run(self._context.isolation.run(command))


def process_limits(limits: Limits) -> ProcessLimits:
    """The kernel limits of a native run. The wall clock is a guard for slow hosts, far above the CPU limit."""
    return ProcessLimits(
        cpu_seconds=limits.cpu_seconds,
        wall_seconds=30.0 * limits.cpu_seconds + 60,
        memory_bytes=limits.memory_bytes,
        output_bytes=limits.output_bytes,
        processes=limits.processes,
        stack_bytes=limits.memory_bytes,
        idle_seconds=IDLE_SECONDS,
    )


def as_run(completed: Completed) -> Run:
    """What a contained process's end means.

    Raises:
        SandboxError: The wall-clock guard ended it while it made progress: the host is too slow or too busy.
    """
    words = completed.stderr.decode(errors="replace").strip().splitlines()
    message = words[-1][:200] if words else ""
    if completed.limit == "wall":
        raise SandboxError("a program made progress for too long by the wall clock; is the machine overloaded?")
    if completed.limit is not None:
        return Run(_LIMITS[completed.limit], 0, completed.stdout)
    if completed.signal is not None:
        return Run(Ending.SIGNALLED, completed.signal, completed.stdout, message=message)
    return Run(Ending.EXITED, completed.exit_code or 0, completed.stdout, message=message)
