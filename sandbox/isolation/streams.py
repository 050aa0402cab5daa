"""Standard input as commands get it: a descriptor of a file that nobody can change."""

from __future__ import annotations

import contextlib
import fcntl
import os
import subprocess
from pathlib import Path


def open_stdin(source: bytes | Path | None, stack: contextlib.ExitStack) -> int:
    """A read-only descriptor of an unchangeable regular file that holds the input; ``stack`` closes it."""
    if source is None or source == b"":
        return subprocess.DEVNULL
    descriptor = os.open(source, os.O_RDONLY) if isinstance(source, Path) else memory_file("stdin", source)
    stack.callback(os.close, descriptor)
    return descriptor


def memory_file(name: str, data: bytes) -> int:
    """A read-only descriptor, at its start, of a file in memory that nobody else has."""
    with open(os.memfd_create(name, os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING), "wb") as file:  # noqa: PTH123  (a descriptor)
        file.write(data)
        file.flush()
        # whoever reads it could open it anew for writing
        fcntl.fcntl(file, fcntl.F_ADD_SEALS, fcntl.F_SEAL_WRITE | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK)
        return os.open(f"/proc/self/fd/{file.fileno()}", os.O_RDONLY)
