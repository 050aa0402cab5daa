"""C++ programs for the engines' tests, each compiled once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sandbox.isolation.base import Isolation
from sandbox.toolchain import ToolchainRoot, compile_source
from sandbox.types import Limits

Compile = Callable[[str], Path]
"""From a source to its program."""


def compile_into(folder: Path, root: ToolchainRoot, isolation: Isolation) -> Compile:
    """A compiler whose programs lie in ``folder``."""
    made: dict[str, Path] = {}

    def make(source: str) -> Path:
        if source not in made:
            out = folder / str(len(made))
            result = compile_source(source, root, isolation, Limits(), out)
            assert result.ok, result.message
            made[source] = out
        return made[source]

    return make
