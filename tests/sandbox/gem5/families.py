"""Who is whose child, while a gem5 runs."""

from __future__ import annotations

import contextlib
from pathlib import Path


def family(process: int) -> list[int]:
    """The process and all below it, parents first."""
    found = [process]
    for one in found:
        with contextlib.suppress(OSError):
            for task in Path(f"/proc/{one}/task").iterdir():
                found += [int(child) for child in (task / "children").read_text().split()]
    return found


def gem5s(process: int) -> list[int]:
    """The gem5s below a process: the agent, then the program's, then the test's."""
    found = []
    for one in family(process):
        with contextlib.suppress(OSError):
            words = Path(f"/proc/{one}/cmdline").read_bytes().split(b"\0")
            if words[0].endswith(b"ld.so") and b"/agent/sandbox/gem5/boot.py" in words:
                found.append(one)
    return found
