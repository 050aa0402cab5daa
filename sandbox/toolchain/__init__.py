"""Toolchain roots: what compiles and runs programs is named, identified, and part of every fingerprint."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

from sandbox.registry import Registry
from sandbox.toolchain.base import ToolchainRoot
from sandbox.toolchain.compile import CompileResult, compile_source

TOOLCHAINS: Registry[Callable[[], ToolchainRoot]] = Registry("toolchain")


def get_root(name: str) -> ToolchainRoot:
    """The toolchain root called ``name``, described by the JSON file ``name``, or taken from an image (``image:NAME``).

    Raises:
        SandboxError: There is none of that name, or it isn't installed.
    """
    from sandbox.toolchain import host, paper  # noqa: F401  (they register themselves)
    from sandbox.toolchain.described import described
    from sandbox.toolchain.image import PREFIX, image_root

    if name.startswith(PREFIX):
        return image_root(name.removeprefix(PREFIX))
    return described(Path(name)) if name.endswith(".json") else TOOLCHAINS.get(name)()


def fingerprint(root: ToolchainRoot) -> str:
    """One hash for a root's identity, compiler and flags; equal hashes mean equal binaries."""
    parts = {"identity": dict(root.identity), "compiler": root.compiler, "flags": root.flags}
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


__all__ = ["TOOLCHAINS", "CompileResult", "ToolchainRoot", "compile_source", "fingerprint", "get_root"]
