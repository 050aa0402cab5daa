"""Writing a subcommand's output."""

from __future__ import annotations

from pathlib import Path

from sandbox.types import SandboxError


def write_text(path: Path, text: str) -> None:
    """Write ``text`` as UTF-8, with the folders above.

    Raises:
        SandboxError: It can't be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", errors="replace")
    except OSError as error:
        raise SandboxError(f"can't write {path}: {error.strerror}") from None
