"""The small programs of ``pie engine check`` have their known times with every gem5 whose times are known."""

from __future__ import annotations

import pytest

from sandbox.engines.base import EngineContext
from sandbox.engines.gem5 import Gem5
from sandbox.gem5.known import PIE_VERSION, PROGRAMS, compare, known_ticks


def test_a_known_gem5_has_the_known_times(engine: Gem5, context: EngineContext) -> None:
    version = engine.fingerprint()["gem5"]
    if context.root.name != "paper" or version not in known_ticks():
        pytest.skip(f"no times are known of gem5 {version} in the root {context.root.name!r}")
    comparisons = list(compare(engine, context))
    assert {one.name: one.ticks for one in comparisons} == known_ticks()[version]
    assert {one.name: one.expected for one in comparisons} == known_ticks()[version]
    assert {one.name: one.known for one in comparisons} == known_ticks()[PIE_VERSION]


@pytest.mark.parametrize("version", known_ticks())
def test_every_program_has_a_time(version: str) -> None:
    assert known_ticks()[version].keys() == PROGRAMS.keys()
