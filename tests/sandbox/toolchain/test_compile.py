"""Whose fault it is that a program doesn't compile: the program's, or the machine's."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from sandbox.isolation import make_isolation
from sandbox.isolation.base import Command, Completed, Isolation
from sandbox.toolchain import compile_source, get_root
from sandbox.types import Limits, SandboxError
from tests.sandbox.conftest import DOUBLE


@pytest.fixture
def isolation() -> Isolation:
    isolation = make_isolation("bubblewrap")
    try:
        isolation.check()
        get_root("host")
    except SandboxError as error:
        pytest.skip(f"nothing compiles here: {error}")
    return isolation


@dataclass
class Worse:
    """A real isolation on a machine that kills the first compilers, or has another command in the compiler's place."""

    real: Isolation
    wall_seconds: float | None = None
    kills: int = 0
    instead: tuple[str, ...] = ()
    runs: int = 0

    @property
    def name(self) -> str:
        return self.real.name

    def run(self, command: Command) -> Completed:
        self.runs += 1
        if self.wall_seconds is not None:
            command = replace(command, limits=replace(command.limits, wall_seconds=self.wall_seconds))
        if self.instead:
            command = replace(command, argv=self.instead)
        completed = self.real.run(command)
        if self.runs <= self.kills:
            message = b"g++: fatal error: Killed signal terminated program cc1plus\ncompilation terminated.\n"
            completed = replace(completed, exit_code=1, stderr=message)
        return completed


def test_a_compiler_that_is_too_slow_is_no_fault_of_the_program(isolation: Isolation, tmp_path: Path) -> None:
    slow = Worse(isolation, wall_seconds=0.5, instead=("/bin/sh", "-c", "while :; do :; done"))
    with pytest.raises(SandboxError, match="overloaded"):
        compile_source(DOUBLE, get_root("host"), slow, Limits(), tmp_path / "prog")  # type: ignore[arg-type]


@pytest.mark.parametrize(("kills", "ok"), [(1, True), (2, False)])
def test_a_killed_compiler_gets_a_second_try(isolation: Isolation, tmp_path: Path, kills: int, ok: bool) -> None:
    short = Worse(isolation, kills=kills)
    result = compile_source(DOUBLE, get_root("host"), short, Limits(), tmp_path / "prog")  # type: ignore[arg-type]
    assert (result.ok, short.runs) == (ok, 2)


def test_a_program_that_makes_its_compiler_wait_for_ever_does_not_compile(
    isolation: Isolation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sandbox.toolchain.compile._IDLE_SECONDS", 1.0)
    waiting = Worse(isolation, instead=("/bin/sleep", "60"))
    result = compile_source(DOUBLE, get_root("host"), waiting, Limits(), tmp_path / "prog")  # type: ignore[arg-type]
    assert not result.ok
    assert "idle" in result.message
