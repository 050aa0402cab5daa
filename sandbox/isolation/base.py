"""What an isolation must do: run a hostile command so that only its own result comes out."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from sandbox.toolchain.base import ToolchainRoot

NOBODY = 65534
"""The user and group that contained programs see; under a root harness and in containers they really are."""


@dataclass(frozen=True)
class ProcessLimits:
    """Kernel limits of a contained command; ``None`` leaves one off.

    Attributes:
        cpu_seconds: CPU time of each process and, within a second or so, of all of them.
        wall_seconds: A guard: where it ends a command that still makes progress, the host was too slow.
        memory_bytes: Data segment of each process (heap and private mappings); also, with ``file_bytes`` on top, of all
            of them together where the isolation ``limits_tree``.
        output_bytes: Standard output.
        processes: Processes and threads at once.
        file_bytes: Each file it writes, and each writable scratch folder as a whole.
        open_files: Descriptors of each process.
        stack_bytes: Main stack of each process; ``None`` is 8 MiB, the same on every host.
        idle_seconds: How long, in all, all of its processes may sleep and use next to no CPU time.
    """

    cpu_seconds: int
    wall_seconds: float
    memory_bytes: int | None
    output_bytes: int
    processes: int
    file_bytes: int = 256 << 20
    open_files: int = 256
    stack_bytes: int | None = None
    idle_seconds: float | None = None


@dataclass(frozen=True)
class Command:
    """A command to run in a contained view of a toolchain root.

    Attributes:
        argv: Program (a path inside) and its arguments.
        root: The file system it sees, read-only.
        limits: What it may use.
        stdin: Bytes or a host file for standard input; nothing means an empty input.
        readonly: Extra read-only binds, path inside -> host path.
        writable: Writable binds, path inside -> host folder or file. Everything else that it writes is gone afterwards.
            What is in a folder afterwards is hostile: never follow its links.
        env: The whole environment; nothing is inherited.
        cwd: Working directory inside.
        seccomp: A system-call filter (:mod:`sandbox.isolation.seccomp`) in force from the command's start, beside the one
            that every command has.
    """

    argv: tuple[str, ...]
    root: ToolchainRoot
    limits: ProcessLimits
    stdin: bytes | Path | None = None
    readonly: Mapping[str, Path] = field(default_factory=dict)
    writable: Mapping[str, Path] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: str = "/work"
    seccomp: bytes | None = None


@dataclass(frozen=True)
class Completed:
    """How a contained command ended.

    Attributes:
        exit_code: Exit status, or ``None`` where a signal ended it.
        signal: The signal that ended it, or ``None``.
        limit: The limit that ended it: ``cpu``, ``wall``, ``idle``, ``memory``, ``output``, or ``None``.
        stdout: Cut at ``ProcessLimits.output_bytes``.
        stderr: Its last 64 KiB.
        cpu_seconds: User and system time of the whole tree, where known.
    """

    exit_code: int | None
    signal: int | None
    limit: str | None
    stdout: bytes
    stderr: bytes
    cpu_seconds: float


class Isolation(Protocol):
    """One way to contain a command. Implementations are registered by name in :mod:`sandbox.isolation`.

    Attributes:
        name: The name users give (``--isolation``).
        contains: Whether a command can do no harm outside. Only ``none`` doesn't promise it.
        limits_tree: Whether memory is limited for all processes of a command together, and not only for each.
    """

    name: str
    contains: bool

    @property
    def limits_tree(self) -> bool: ...

    def check(self) -> None:
        """Raise :class:`sandbox.types.SandboxError`, with the remedy, where this isolation can't work here."""

    def fingerprint(self) -> Mapping[str, str]:
        """What of this isolation can shape a measurement."""

    def run(self, command: Command) -> Completed:
        """Run ``command`` to its end, stream and cut its output, and leave no process behind.

        Raises:
            SandboxError: The containment itself failed.
        """

    def popen(self, command: Command) -> subprocess.Popen[bytes]:
        """Start a long-lived contained command (an engine's server) with pipes on its three standard streams.

        ``limits.output_bytes`` isn't applied; the caller reads. Killing the returned process kills the whole tree.
        """
