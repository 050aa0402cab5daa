"""Watch one contained process tree: stream and cut its output, hold it to its limits, see it end."""

from __future__ import annotations

import os
import resource
import select
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from sandbox.isolation.base import Completed, ProcessLimits

STDERR_BYTES = 64 << 10
"""How much of the end of standard error is kept."""

STACK_BYTES = 8 << 20
"""The main stack where a command doesn't say, whatever the host's own limit."""

_READ_BYTES = 1 << 16
_SAMPLE_SECONDS = 0.5
_NAPPING = 0.2
"""Share of a processor below which a process tree that sleeps when looked at counts as idle."""

_PATIENCE = 10
"""A tree that sleeps while its output arrives may be waiting for us; it may for so many times its idle limit."""

_CLOCK_TICKS = os.sysconf("SC_CLK_TCK")


def kernel_limits(limits: ProcessLimits) -> dict[int, tuple[int, int]]:
    """Soft and hard values of the kernel's limits on each process, by the kernel's number of the limit."""
    wanted = {
        resource.RLIMIT_FSIZE: limits.file_bytes,
        resource.RLIMIT_NOFILE: limits.open_files,
        resource.RLIMIT_STACK: limits.stack_bytes or STACK_BYTES,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_MEMLOCK: 0,
        resource.RLIMIT_MSGQUEUE: 0,
    }
    if limits.memory_bytes is not None:
        wanted[resource.RLIMIT_DATA] = limits.memory_bytes
    both = {which: (value, value) for which, value in wanted.items()}
    # the soft limit's signal tells what happened; a program that ignores it is killed a second later
    return {**both, resource.RLIMIT_CPU: (limits.cpu_seconds, limits.cpu_seconds + 1)}


def _kernel_limit(number: int | None, stderr: bytes, cpu_seconds: float, limits: ProcessLimits) -> str | None:
    """The kernel's limit behind a death by signal ``number``: ``cpu``, ``memory`` or none.

    Nobody outside kills a command's process, so SIGKILL is the kernel's answer to too much memory, or to a command that
    has ignored SIGXCPU. One that kills itself so is taken for the former.
    """
    if number == signal.SIGXCPU or (number == signal.SIGKILL and cpu_seconds >= limits.cpu_seconds):
        return "cpu"
    if number == signal.SIGKILL or (number == signal.SIGABRT and b"std::bad_alloc" in stderr):
        return "memory"
    return None


@dataclass(frozen=True)
class Usage:
    """What a process tree has used: CPU time in clock ticks, and whether every thread of it sleeps."""

    cpu_ticks: int
    asleep: bool


def tree_usage(leader: int) -> Usage:
    """Sum the CPU time of the process ``leader`` and of all its descendants, the reaped ones included.

    Processes that vanish meanwhile count as nothing.
    """
    total, asleep, todo = 0, True, [leader]
    while todo:
        process = Path("/proc") / str(todo.pop())
        try:
            # a command's name may hold spaces and parentheses: fields count from the last one
            fields = (process / "stat").read_text(errors="replace").rpartition(")")[2].split()
            total += sum(int(value) for value in fields[11:15])  # utime, stime, cutime, cstime
            for task in (process / "task").iterdir():
                state = (task / "stat").read_text(errors="replace").rpartition(")")[2].split()[0]
                asleep = asleep and state in "STtZ"
                todo += [int(child) for child in (task / "children").read_text().split()]
        except OSError:
            continue
    return Usage(total, asleep)


@dataclass(frozen=True)
class Tree:
    """A contained process tree, as its isolation started it.

    Attributes:
        stdout: Pipe of its standard output; nobody else may read it.
        stderr: Pipe of its standard error.
        leader: Process id under which the whole tree hangs.
        main: Descriptor of the process whose end is the end, even where others of the tree live on.
        end: Kills the whole tree and returns when all of it is dead.
    """

    stdout: IO[bytes]
    stderr: IO[bytes]
    leader: int
    main: int
    end: Callable[[], None]


@dataclass(frozen=True)
class Watched:
    """What :func:`watch` saw.

    Attributes:
        stdout: Cut at ``ProcessLimits.output_bytes``.
        stderr: Its last :data:`STDERR_BYTES`.
        limit: ``wall``, ``idle``, ``output`` or ``None``.
        cpu_seconds: Of the whole tree at the last sample.
        wall_seconds: From start to end.
    """

    stdout: bytes
    stderr: bytes
    limit: str | None
    cpu_seconds: float
    wall_seconds: float

    def completed(
        self, exit_code: int | None, number: int | None, cpu_seconds: float, limits: ProcessLimits
    ) -> Completed:
        """What it comes to for who started the command.

        Args:
            exit_code: Its exit status, where no signal ended it.
            number: The signal that did.
            cpu_seconds: Of the whole tree, as the kernel accounts for it at the end.
            limits: The command's.
        """
        cpu_seconds = max(self.cpu_seconds, cpu_seconds)
        return Completed(
            exit_code=exit_code,
            signal=number,
            limit=self.limit or _kernel_limit(number, self.stderr, cpu_seconds, limits),
            stdout=self.stdout,
            stderr=self.stderr,
            cpu_seconds=cpu_seconds,
        )


def watch(tree: Tree, limits: ProcessLimits) -> Watched:
    """Read both streams until the main process ends or a limit is reached, then end the tree and read what is left."""
    streams = _Streams(tree)
    clock = _Clock(tree.leader, limits)
    limit = None
    while limit is None and not streams.main_ended:
        streams.read(_SAMPLE_SECONDS)
        limit = "output" if len(streams.out) > limits.output_bytes else clock.reached(streams.received)
    clock.sample(streams.received)
    tree.end()
    streams.read_rest(limits.output_bytes)
    if limit is None and len(streams.out) > limits.output_bytes:
        limit = "output"
    stdout = bytes(streams.out[: limits.output_bytes])
    return Watched(stdout, bytes(streams.err[-STDERR_BYTES:]), limit, clock.cpu_seconds, clock.wall_seconds)


class _Streams:
    """What a tree prints, so far (also in bytes, what isn't kept included), and whether its main process has ended."""

    def __init__(self, tree: Tree) -> None:
        self.out, self.err = bytearray(), bytearray()
        self.received = 0
        self.main_ended = False
        self._main = tree.main
        self._buffers = {tree.stdout.fileno(): self.out, tree.stderr.fileno(): self.err}
        self._poller = select.poll()
        for descriptor in (*self._buffers, tree.main):
            self._poller.register(descriptor, select.POLLIN)

    def read(self, seconds: float) -> None:
        """Read what there is, waiting up to ``seconds`` for something."""
        for descriptor, _ in self._poller.poll(seconds * 1000):
            if descriptor == self._main:
                self.main_ended = True
            elif data := os.read(descriptor, _READ_BYTES):
                self._buffers[descriptor] += data
                self.received += len(data)
            else:
                self._poller.unregister(descriptor)
        del self.err[:-STDERR_BYTES]

    def read_rest(self, most: int) -> None:
        """Read a dead tree's pipes to their ends, keeping little more than ``most`` bytes. Every writer is dead."""
        for descriptor, buffer in self._buffers.items():
            while data := os.read(descriptor, _READ_BYTES):
                if len(buffer) <= most + STDERR_BYTES:
                    buffer.extend(data)


class _Clock:
    """Samples a tree's use of time and notices the limits on it."""

    def __init__(self, leader: int, limits: ProcessLimits) -> None:
        self._leader, self._limits = leader, limits
        self._started = self._sampled = time.monotonic()
        self._idle = self._served = 0.0
        self._received = 0
        self._usage = Usage(0, False)

    @property
    def cpu_seconds(self) -> float:
        return self._usage.cpu_ticks / _CLOCK_TICKS

    @property
    def wall_seconds(self) -> float:
        return self._sampled - self._started

    def sample(self, received: int) -> None:
        """Look at the tree, of whose output ``received`` bytes have come by now."""
        seen = tree_usage(self._leader)
        before, self._sampled = self._sampled, time.monotonic()
        used = (seen.cpu_ticks - self._usage.cpu_ticks) / _CLOCK_TICKS
        # A program that naps for ever uses a little. On a busy host a working one waits, but awake.
        if seen.asleep and used < _NAPPING * (self._sampled - before):
            if received > self._received and self._served < _PATIENCE * (self._limits.idle_seconds or 0.0):
                self._served += self._sampled - before  # it may have waited for a slow reader
            else:
                self._idle += self._sampled - before
        self._received = received
        if seen.cpu_ticks >= self._usage.cpu_ticks:  # less is a tree that has just ended
            self._usage = seen

    def reached(self, received: int) -> str | None:
        """The limit that the tree has reached by now; looks at it only now and then."""
        if time.monotonic() - self._sampled < _SAMPLE_SECONDS:
            return None
        self.sample(received)
        if self.wall_seconds >= self._limits.wall_seconds:
            return "wall"
        # The kernel limits each process; this is for those who use up one after the other.
        if self.cpu_seconds >= self._limits.cpu_seconds + 1:
            return "cpu"
        idle = self._limits.idle_seconds
        return "idle" if idle is not None and self._idle >= idle else None
