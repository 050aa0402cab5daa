"""Programs that count their tests by whatever a shared start-up shares print the same in every order of the tests."""

import os
from pathlib import Path

import pytest

from sandbox.engines import EngineContext, make_engine
from sandbox.isolation import make_isolation
from sandbox.toolchain import get_root
from sandbox.types import Limits, SandboxError
from tests.hostile.programs import load
from tests.sandbox.compiled import compile_into

INPUTS = [b"%d\n" % n for n in (3, 5, 8)]
LIMITS = Limits(ticks=20_000_000_000, cpu_seconds=2, memory_bytes=64 << 20)
COUNTERS = [program for program in load() if program.name.startswith("carry/")]
TOOLCHAINS = {"skylake": "host", "gem5": "paper"}
"""Engines that share a start-up, each with a root whose programs it can run."""


@pytest.mark.parametrize("name", TOOLCHAINS)
def test_order_tells_nothing(name: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    try:
        root, isolation = get_root(TOOLCHAINS[name]), make_isolation("bubblewrap")
        engine = make_engine(name, EngineContext(root, isolation, {}))
        engine.check()
    except SandboxError as error:
        if name in os.environ.get("PIE_REQUIRE_ENGINES", "").split():
            raise
        pytest.skip(str(error))
    assert len(COUNTERS) >= 10
    folder: Path = tmp_path_factory.mktemp("counters")
    folder.chmod(0o755)
    compiled = compile_into(folder, root, isolation)
    for program in COUNTERS[: 3 if name == "gem5" else None]:  # gem5 takes ten seconds a program
        binary = compiled(program.source({"PORT": "1"}))
        runs = list(engine.run(binary, INPUTS, LIMITS))
        assert [run.stdout for run in runs] == [b"6\n", b"10\n", b"16\n"], program.name
        backwards = list(engine.run(binary, INPUTS[::-1], LIMITS))[::-1]
        assert [(run.stdout, run.ticks) for run in backwards] == [(run.stdout, run.ticks) for run in runs], program.name
