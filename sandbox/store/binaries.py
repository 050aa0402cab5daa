"""Compiled programs on disk, by their hash. A cache: what is missing or damaged is compiled again."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path

from sandbox.types import sha256


class Binaries:
    """A folder of programs. Safe to share between processes.

    Args:
        folder: The folder; it is made when the first program comes.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, binary_sha256: str) -> Path | None:
        """The program, or ``None``. One that a full disk or a crash has cut counts as missing."""
        path = self._path(binary_sha256)
        with contextlib.suppress(OSError):
            if sha256(path.read_bytes()) == binary_sha256:
                return path
        return None

    def add(self, binary: bytes) -> str:
        """Keep ``binary`` and return its hash.

        Raises:
            OSError: It can't be written.
        """
        binary_sha256 = sha256(binary)
        path = self._path(binary_sha256)
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=".new-", dir=path.parent)
        new = Path(name)
        try:
            with open(descriptor, "wb") as file:  # noqa: PTH123  (a descriptor)
                file.write(binary)
            new.chmod(0o755)
            new.replace(path)  # closed before: the kernel doesn't start a program that is open for writing
        except OSError:
            new.unlink(missing_ok=True)
            raise
        return binary_sha256

    def _path(self, binary_sha256: str) -> Path:
        return self._folder / binary_sha256[:2] / binary_sha256
