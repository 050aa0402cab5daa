"""Roots of a user's own, each described by a small JSON file.

For example ``--toolchain my-root.json`` with::

    {"path": "/srv/bookworm", "compiler": "/usr/bin/g++-12", "flags": ["-O3", "--std=c++17"]}
"""

from __future__ import annotations

import json
from pathlib import Path

from sandbox.toolchain.base import ToolchainRoot
from sandbox.toolchain.content import content_sha256
from sandbox.types import SandboxError


def described(file: Path) -> ToolchainRoot:
    """The root that ``file`` describes; its name is the file's.

    Raises:
        SandboxError: The file can't be read, lacks a field, or names a root or compiler that isn't there.
    """
    try:
        description = json.loads(file.read_text(encoding="utf-8"))
        path, compiler = (file.parent / description["path"]).resolve(), str(description["compiler"])
        flags = tuple(str(flag) for flag in description["flags"])
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise SandboxError(
            f"can't use {file} as a toolchain root ({type(error).__name__}: {error}); give it path, compiler and flags"
        ) from None
    if path == Path("/"):
        raise SandboxError(f"{file} describes the host's own root; use the toolchain 'host'")
    if not (path / compiler.lstrip("/")).exists():
        raise SandboxError(f"the root {path} has no compiler {compiler}; correct {file}")
    return ToolchainRoot(
        file.stem, path, compiler, flags, {"compiler": compiler, "content_sha256": content_sha256(path)}
    )
