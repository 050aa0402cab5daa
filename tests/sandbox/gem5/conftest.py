"""A real gem5, where PIE_GEM5 names one, in the root ``paper`` where that is installed, else in the host's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.engines.base import EngineContext
from sandbox.engines.gem5 import Gem5
from sandbox.isolation import make_isolation
from sandbox.toolchain import get_root
from sandbox.types import SandboxError
from tests.sandbox.compiled import Compile, compile_into

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
GOLDEN = DATA / "gem5_golden"


@pytest.fixture(scope="package")
def context() -> EngineContext:
    try:
        root = get_root("paper")
    except SandboxError:
        root = get_root("host")
    return EngineContext(root, make_isolation("bubblewrap"), {"audit": "0"})


@pytest.fixture(scope="package")
def engine(context: EngineContext) -> Iterator[Gem5]:
    made = Gem5(context)
    try:
        made.check()
    except SandboxError as error:
        pytest.skip(str(error))
    yield made
    made.close()


@pytest.fixture(scope="package")
def published(engine: Gem5, context: EngineContext) -> Gem5:
    """The same gem5 with the published script, where ``PIE_GEM5_SCRIPT`` names it."""
    made = Gem5(EngineContext(context.root, context.isolation, {"layout": "published"}))
    try:
        made.check()
    except SandboxError as error:
        pytest.skip(str(error))
    return made


@pytest.fixture(scope="package")
def is_paper_clock(engine: Gem5) -> bool:
    """Whether this is the clock of the golden runs."""
    fingerprint = engine.fingerprint()
    return (fingerprint["gem5"], fingerprint["toolchain"]) == ("20.1.0.5", "paper")


@pytest.fixture(scope="package")
def compiled(context: EngineContext, tmp_path_factory: pytest.TempPathFactory) -> Compile:
    return compile_into(tmp_path_factory.mktemp("programs"), context.root, context.isolation)


def golden_rows(name: str) -> list[dict[str, object]]:
    """The lines of a golden file; none where the set is absent."""
    path = GOLDEN / "v20.1-paper" / name
    return [json.loads(line) for line in path.read_text().splitlines()] if path.is_file() else []
