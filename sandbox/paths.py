"""Where the sandbox keeps what it makes: one cache folder a user."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from sandbox.types import SandboxError

SYSTEM_CACHE = Path("/var/cache/pie")
"""For a root harness, whose programs run as nobody, who may not enter root's home."""


def default_cache() -> Path:
    """``PIE_CACHE_DIR``, or ``pie`` in the user's cache folder."""
    given = os.environ.get("PIE_CACHE_DIR")
    if given:
        return Path(given)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "pie"


def toolchains_folder() -> Path:
    """``PIE_TOOLCHAINS_DIR``, or in the cache folder, but for root in :data:`SYSTEM_CACHE`."""
    given = os.environ.get("PIE_TOOLCHAINS_DIR")
    if given:
        return Path(given)
    if os.geteuid() == 0 and not os.environ.get("PIE_CACHE_DIR"):
        return SYSTEM_CACHE / "toolchains"
    return default_cache() / "toolchains"


def can_be_entered(folder: Path) -> bool:
    """Whether the contained programs' user gets as far as ``folder``; what isn't there yet doesn't count.

    Only a root harness has another user than theirs.
    """
    return os.geteuid() != 0 or all(
        part.stat().st_mode & stat.S_IXOTH for part in (folder, *folder.parents) if part.exists()
    )


def make_enterable(folder: Path) -> None:
    """Make ``folder``, and what lacks above it, such that contained programs get in, whatever this user's umask."""
    if not folder.is_dir():
        make_enterable(folder.parent)
        folder.mkdir(exist_ok=True)
        folder.chmod(0o755)


def visible_cache(cache: Path) -> Path:
    """``cache``, or :data:`SYSTEM_CACHE` where contained programs couldn't see what lies in it."""
    return cache if can_be_entered(cache) else SYSTEM_CACHE


def require_writable(path: Path, what: str) -> None:
    """Make sure before hours of work that a file can be written at their end; one that is there keeps its content.

    Raises:
        SandboxError: It can't be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        existed = path.exists()
        with path.open("a"):
            pass
        if not existed:
            path.unlink()
    except OSError as error:
        raise SandboxError(f"can't write {what} to {path}: {error.strerror}") from None
