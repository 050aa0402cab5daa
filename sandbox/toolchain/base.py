"""A toolchain root: the file system that compiles *and* runs programs, and the flags that belong to it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class ToolchainRoot:
    """A named root file system.

    Attributes:
        name: ``host``, ``paper``, or the name of a user's own description file.
        path: Its place on this machine (``/`` for ``host``). Never part of a fingerprint.
        compiler: Path of the C++ compiler inside the root.
        flags: Compiler flags, in order.
        identity: What makes results of this root comparable: compiler, libc and libstdc++ versions, and a content
            hash for a pinned root. The fingerprint is a hash of this, of ``compiler`` and of ``flags``.
    """

    name: str
    path: Path
    compiler: str
    flags: tuple[str, ...]
    identity: Mapping[str, str]


def fingerprint(root: ToolchainRoot) -> str:
    """One hash for a root's identity, compiler and flags; equal hashes mean equal binaries."""
    parts = {"identity": dict(root.identity), "compiler": root.compiler, "flags": root.flags}
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
