"""Toolchain roots: what compiles and runs programs is named, identified, and part of every fingerprint."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sandbox.registry import Registry
from sandbox.toolchain.base import ToolchainRoot, fingerprint
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


__all__ = ["TOOLCHAINS", "CompileResult", "ToolchainRoot", "compile_source", "fingerprint", "get_root"]
