"""How many programs this process can run at once: cores, not threads, and no more than a container's share."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from pathlib import Path


def usable_cores(root: Path = Path("/")) -> int:
    """Physical cores among the processors that this process may use, within the quota of its control group.

    Two simulations on the two threads of a core take about as long as one after the other, with twice the memory.

    Args:
        root: Where ``proc`` and ``sys`` are.
    """
    cores = {_siblings(root, processor) for processor in os.sched_getaffinity(0)}
    return max(1, min([len(cores), *_quotas(root)]))


def _siblings(root: Path, processor: int) -> str:
    """The threads of a processor's core; a processor of unknown kind is a core."""
    try:
        return (root / f"sys/devices/system/cpu/cpu{processor}/topology/thread_siblings_list").read_text().strip()
    except OSError:
        return str(processor)


def _quotas(root: Path) -> Iterator[int]:
    """Whole processors that this process's control group and those above it allow (version 2, as containers have it)."""
    try:
        lines = (root / "proc/self/cgroup").read_text().splitlines()
    except OSError:
        return
    group = next((line.removeprefix("0::/") for line in lines if line.startswith("0::/")), None)
    if group is None:
        return
    mount = root / "sys/fs/cgroup"
    folder = mount / group
    for one in (folder, *folder.parents):
        try:
            quota, period = (one / "cpu.max").read_text().split()
            if quota != "max":
                yield math.ceil(int(quota) / int(period))
        except (OSError, ValueError):
            pass
        if one == mount:
            return
