"""A memory limit for a whole process tree, where this user may make control groups.

Kernel limits hold for each process alone; sixteen processes may use sixteen times as much. A control group counts them
together, with what they keep in temporary files. Root can make one nearly everywhere; others only where the system has
delegated a part of the tree to them.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import itertools
import os
import time
from collections.abc import Iterator
from pathlib import Path

from sandbox.scratch import scratch_folder

_PREFIX = "pie-"
_LIMITS = (("memory.limit_in_bytes", "memory.memsw.limit_in_bytes"), ("memory.max", "memory.swap.max"))
"""Files of the limit and of what keeps it from being evaded by swapping, in version 1 and version 2."""

_numbers = itertools.count()


def available() -> bool:
    """Whether this process can limit the memory of a tree."""
    return _parent() is not None


class Group:
    """One control group.

    Args:
        folder: Its folder.
        memory_bytes: Limit on all its processes together.
    """

    def __init__(self, folder: Path, memory_bytes: int) -> None:
        self._folder, self._bytes = folder, memory_bytes
        self._make()

    def _make(self) -> None:
        self._folder.mkdir(exist_ok=True)
        for limit, swap in _LIMITS:
            if (self._folder / limit).exists():
                (self._folder / limit).write_text(str(self._bytes))
                with contextlib.suppress(OSError):  # a kernel without accounting of swap
                    (self._folder / swap).write_text("0" if limit == "memory.max" else str(self._bytes))

    def add(self, process: int) -> None:
        """Move a process into the group; its children follow."""
        try:
            (self._folder / "cgroup.procs").write_text(str(process))
        except OSError as error:
            if error.errno not in (errno.ENOENT, errno.ENODEV):
                raise
            self._make()  # somebody took it for one that a killed harness left, before or while we wrote
            (self._folder / "cgroup.procs").write_text(str(process))

    def remove(self) -> None:
        """Remove the group, whose processes are dead; the kernel may need a moment to see that."""
        for _ in range(100):
            try:
                self._folder.rmdir()
            except FileNotFoundError:
                return
            except OSError:
                time.sleep(0.01)


@contextlib.contextmanager
def limited(memory_bytes: int | None) -> Iterator[Group | None]:
    """A group for one command, or ``None`` where there is no limit or no way to set it."""
    parent = _parent()
    if memory_bytes is None or parent is None:
        yield None
        return
    group = Group(parent / f"{_PREFIX}{scratch_folder().name}-{next(_numbers)}", memory_bytes)
    try:
        yield group
    finally:
        group.remove()


def sweep() -> None:
    """Remove the empty groups that killed harnesses left."""
    if (parent := _parent()) is None:
        return
    for folder in parent.glob(f"{_PREFIX}*"):
        if not folder.name.startswith(f"{_PREFIX}{scratch_folder().name}-"):
            with contextlib.suppress(OSError):
                folder.rmdir()


@functools.cache
def _parent() -> Path | None:
    """The nearest group above this process's in which a group with a limit can be made and entered."""
    for mount, own in _hierarchies():
        for parent in (own, *own.parents):
            probe = parent / f"{_PREFIX}probe-{os.getpid()}"
            try:
                probe.mkdir()
            except OSError:
                continue
            usable = any((probe / limit).exists() for limit, _ in _LIMITS) and os.access(
                probe / "cgroup.procs", os.W_OK
            )
            probe.rmdir()
            if usable:
                return parent
            if parent == mount:
                break
    return None


def _hierarchies() -> Iterator[tuple[Path, Path]]:
    """(mount point, this process's own group) of each hierarchy that can hold the memory controller."""
    groups = {}
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        groups["" if not controllers else "memory" if "memory" in controllers.split(",") else controllers] = path
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        before, _, after = line.partition(" - ")
        root, mount = before.split()[3:5]
        kind, _, options = after.split(" ", 2)
        names = {"cgroup2": "", "cgroup": "memory" if "memory" in options.split(",") else "another"}
        if (own := groups.get(names.get(kind, "another"))) is not None:
            inside = os.path.relpath(own, root)
            yield Path(mount), Path(mount) if inside.startswith("..") else Path(mount) / inside
