"""What outlives its work: processes whose parent is gone, containers that nobody ended."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_PR_SET_CHILD_SUBREAPER = 36


@contextmanager
def adopted() -> Iterator[None]:
    """Orphans become children of this process for as long as this lasts; what has ended by then is reaped."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)
    try:
        yield
    finally:
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 0)
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG) != (0, 0):
                pass


def children() -> set[int]:
    """Living children of this process. Dead orphans of others, which became its own, are buried."""
    found = {
        int(child) for task in Path("/proc/self/task").iterdir() for child in (task / "children").read_text().split()
    }
    alive = set()
    for child in found:
        status = (Path("/proc") / str(child) / "stat").read_text().rpartition(")")[2].split()
        if status[0] == "Z" and int(status[1]) == os.getpid():
            os.waitpid(child, os.WNOHANG)
        elif b"resource_tracker" not in (Path("/proc") / str(child) / "cmdline").read_bytes():
            alive.add(child)
    return alive


def containers(owner: Path) -> list[str]:
    """Containers of harnesses whose scratch folders lie in ``owner``."""
    import docker

    try:
        engine = docker.from_env().api
    except docker.errors.DockerException:
        return []
    return [
        f"container {container['Id']}"
        for container in engine.containers(all=True, filters={"label": "pie-tasks.owner"})
        if container["Labels"]["pie-tasks.owner"].startswith(str(owner))
    ]
