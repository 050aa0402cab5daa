"""Every registered isolation, as far as it works here, and C programs that look around in it."""

import os
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from sandbox.isolation import ALLOWED, ISOLATIONS, make_isolation
from sandbox.isolation.base import Command, Completed, Isolation, ProcessLimits
from sandbox.toolchain import get_root
from sandbox.toolchain.base import ToolchainRoot
from sandbox.types import SandboxError

with_all = "PIE_REQUIRE_ISOLATIONS"
"""Isolations that must work, so that a broken one fails here and isn't skipped."""

LIMITS = ProcessLimits(
    cpu_seconds=10,
    wall_seconds=100,
    memory_bytes=256 << 20,
    output_bytes=4 << 20,
    processes=8,
    file_bytes=8 << 20,
    idle_seconds=10,
)


def names() -> list[str]:
    make_isolation("bubblewrap")
    return ISOLATIONS.names()


def working(name: str) -> Isolation:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(ALLOWED, "1")
        isolation = make_isolation(name, accept_no_isolation=True)
    try:
        isolation.check()
    except SandboxError as error:
        if name in os.environ.get(with_all, "").split():
            raise
        pytest.skip(f"isolation {name} doesn't work here: {error}")
    return isolation


@pytest.fixture(scope="session")
def root() -> ToolchainRoot:
    try:
        return get_root("host")
    except SandboxError as error:
        pytest.skip(str(error))


@dataclass(frozen=True)
class Box:
    """An isolation with a root, for short tests."""

    isolation: Isolation
    root: ToolchainRoot

    def command(self, *argv: str, limits: ProcessLimits = LIMITS, **more: object) -> Command:
        return Command(argv=argv, root=self.root, limits=limits, **more)  # type: ignore[arg-type]

    def run(self, *argv: str, limits: ProcessLimits = LIMITS, **more: object) -> Completed:
        return self.isolation.run(self.command(*argv, limits=limits, **more))

    def sh(self, script: str, **more: object) -> Completed:
        return self.run("/bin/sh", "-c", script, **more)

    def limited(self, program: Path, *arguments: str, stdin: bytes = b"", **changes: object) -> Completed:
        limits = replace(LIMITS, **changes)  # type: ignore[arg-type]
        return self.run("./prog", *arguments, limits=limits, readonly={"/work/prog": program}, stdin=stdin)


@pytest.fixture(scope="session", params=names())
def box(request: pytest.FixtureRequest, root: ToolchainRoot) -> Box:
    return Box(working(request.param), root)


@pytest.fixture
def contained(box: Box) -> None:
    if not box.isolation.contains:
        pytest.skip(f"isolation {box.isolation.name} doesn't promise this")


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Compiles a C program once."""
    made: dict[tuple[str, Sequence[str]], Path] = {}

    def compile_c(body: str, *flags: str) -> Path:
        if (body, flags) not in made:
            folder = tmp_path_factory.mktemp("program")
            source, program = folder / "prog.c", folder / "prog"
            source.write_text("#define _GNU_SOURCE\n" + body)
            subprocess.run(["gcc", "-O1", "-w", *flags, source, "-o", program, "-pthread"], check=True)
            made[(body, flags)] = program
        return made[(body, flags)]

    return compile_c
