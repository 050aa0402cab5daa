"""A run that is interrupted, or loses a part of itself, leaves nothing behind and loses no finished simulation."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sandbox.engines.base import EngineContext
from sandbox.engines.gem5 import Gem5
from sandbox.types import Limits
from tests.leftovers import adopted, children, containers
from tests.sandbox.gem5.conftest import Compile
from tests.sandbox.gem5.families import family, gem5s
from tests.sandbox.gem5.killed_run import INPUTS, PROGRAM
from tests.sandbox.isolation.conftest import working
from tests.waiting import PATIENCE, wait_until


class Run:
    """Runs of the same program on one store.

    Args:
        toolchain: Name of the root.
        isolation: Name of what contains the programs.
        folder: An empty folder that contained programs can enter.
    """

    def __init__(self, toolchain: str, isolation: str, folder: Path) -> None:
        self._arguments = [toolchain, isolation, str(folder)]
        self._store = folder / "store.sqlite"
        self.temporary = folder / "temporary"
        self.temporary.mkdir()
        self.temporary.chmod(0o711)
        self._before = children()

    def start(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            # in the background tests ignore Ctrl-C
            ["env", "--default-signal=INT", sys.executable, "-m", "tests.sandbox.gem5.killed_run", *self._arguments],
            env={**os.environ, "TMPDIR": str(self.temporary), "PIE_GEM5_AUDIT": "0"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def stored(self) -> int:
        """How many simulations are in the store."""
        if not self._store.exists():
            return 0
        with contextlib.closing(sqlite3.connect(self._store, timeout=PATIENCE)) as connection:
            try:
                return int(connection.execute("SELECT count(*) FROM runs WHERE ticks IS NOT NULL").fetchone()[0])
            except sqlite3.OperationalError:  # it is being made
                return 0

    def wait_for_more(self, process: subprocess.Popen[str]) -> None:
        """Wait until another simulation is stored; the next one is under way then."""
        known = self.stored()
        wait_until(lambda: self.stored() > known or process.poll() is not None)
        assert process.poll() is None

    def left(self) -> list[str]:
        """What shouldn't be there any more."""
        processes = [f"process {one}" for one in children() - self._before]
        return processes + [str(path) for path in self.temporary.glob("*/*")] + containers(self.temporary)


@pytest.fixture
def isolation() -> str:
    return "bubblewrap"


@pytest.fixture
def run(engine: Gem5, context: EngineContext, isolation: str) -> Iterator[Run]:
    working(isolation)
    folder = Path(tempfile.mkdtemp(prefix="killed-"))
    folder.chmod(0o711)
    with adopted():
        yield Run(context.root.name, isolation, folder)
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def undisturbed(engine: Gem5, compiled: Compile) -> list[int | None]:
    """The program's ticks where nobody disturbs."""
    return [one.ticks for one in engine.run(compiled(PROGRAM), INPUTS, Limits())]


PARTS: dict[str, Callable[[int], int]] = {
    "test": lambda process: gem5s(process)[-1],
    "program": lambda process: gem5s(process)[1],
    "agent": lambda process: gem5s(process)[0],
    "worker": lambda process: family(process)[1],
}


def test_a_run_that_loses_parts_of_itself_goes_on(run: Run, undisturbed: list[int | None]) -> None:
    with run.start() as process:
        for part in PARTS.values():
            run.wait_for_more(process)
            os.kill(part(process.pid), signal.SIGKILL)
        printed, complaint = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, complaint
    assert json.loads(printed)["ticks"] == undisturbed
    wait_until(lambda: not run.left())


@pytest.mark.parametrize("isolation", ["bubblewrap", "docker"])
def test_an_interrupted_run_leaves_nothing_and_goes_on_later(run: Run, undisturbed: list[int | None]) -> None:
    with run.start() as process:
        run.wait_for_more(process)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=PATIENCE)
    assert process.returncode == -signal.SIGINT
    wait_until(lambda: not run.left())
    stored = run.stored()
    assert 0 < stored < len(INPUTS)
    with run.start() as process:
        printed, complaint = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, complaint
    assert json.loads(printed) == {"simulations": len(INPUTS) - stored, "ticks": undisturbed}
    wait_until(lambda: not run.left())
