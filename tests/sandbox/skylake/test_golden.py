"""The same cycles on every machine, with one worker as with several."""

from __future__ import annotations

import json

import pytest

from sandbox.types import SandboxError
from tests.sandbox.skylake import golden


@pytest.mark.parametrize("workers", [1, 4])
def test_the_cycles_are_those_of_every_machine(workers: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", f"C{'.' * 999 * workers}")
    try:
        measured = golden.measure(workers)
    except SandboxError as error:
        if "install" in str(error):
            pytest.skip(str(error))
        raise
    assert measured == json.loads(golden.FILE.read_text())
