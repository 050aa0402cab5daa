"""Where the sandbox keeps what it makes: one cache folder a user."""

from __future__ import annotations

import os
from pathlib import Path


def default_cache() -> Path:
    """``PIE_CACHE_DIR``, or ``pie`` in the user's cache folder."""
    given = os.environ.get("PIE_CACHE_DIR")
    if given:
        return Path(given)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "pie"


def shared_cache() -> Path:
    """What contained programs see of the cache lies here: in the cache folder, but for root in ``/var/cache/pie``.

    A root harness runs programs as nobody, who may not enter root's home.
    """
    if os.geteuid() == 0 and not os.environ.get("PIE_CACHE_DIR"):
        return Path("/var/cache/pie")
    return default_cache()


def toolchains_folder() -> Path:
    """Where installed toolchain roots lie."""
    return shared_cache() / "toolchains"
