"""Programs without containment: only for who says so twice, and never taken for contained ones."""

from pathlib import Path

import pytest

import sandbox
from sandbox.isolation import ALLOWED, ISOLATIONS, make_isolation
from sandbox.isolation.base import Command
from sandbox.programs import Programs
from sandbox.scheduler import SandboxConfig
from sandbox.scheduler.config import open_bench
from sandbox.toolchain.base import ToolchainRoot
from sandbox.types import SandboxError
from scorers.evaluate import Evaluator, Settings
from tests.sandbox.isolation.conftest import LIMITS, names, working


@pytest.mark.parametrize(
    ("accept", "variable"),
    [(False, None), (True, None), (False, "1"), (True, "0"), (True, "true"), (None, "1"), ("false", "1"), (1, "1")],
)
def test_it_takes_both_words(accept, variable, monkeypatch, tmp_path):
    monkeypatch.delenv(ALLOWED, raising=False)
    if variable is not None:
        monkeypatch.setenv(ALLOWED, variable)
    ways_in = [
        lambda: make_isolation("none", accept),
        lambda: Programs("host", isolation="none", accept_no_isolation=accept),
        lambda: sandbox.make("cachegrind", "host", isolation="none", accept_no_isolation=accept, store=tmp_path / "s"),
        lambda: Evaluator(
            Settings(toolchain="host", isolation="none", accept_no_isolation=accept, store=tmp_path / "s")
        ),
    ]
    for way_in in ways_in:
        with pytest.raises(SandboxError, match=f"without containment.*--accept-no-isolation.*{ALLOWED}=1") as caught:
            way_in()
        assert "\n" not in str(caught.value)
    assert not list(tmp_path.iterdir())


def test_it_is_the_only_one_that_does_not_contain():
    assert [name for name in names() if not ISOLATIONS.get(name)().contains] == ["none"]


def test_the_words_are_not_kept_for_others(monkeypatch):
    monkeypatch.setenv(ALLOWED, "1")
    make_isolation("none", True)
    with pytest.raises(SandboxError, match="without containment"):
        make_isolation("none")
    monkeypatch.delenv(ALLOWED)
    with pytest.raises(SandboxError, match="without containment"):
        make_isolation("none", True)


def test_its_measurements_and_programs_are_its_own(config: SandboxConfig, monkeypatch):
    from dataclasses import replace

    monkeypatch.setenv(ALLOWED, "1")
    contained, uncontained = (
        open_bench(replace(config, isolation=name, accept_no_isolation=True)) for name in ("bubblewrap", "none")
    )
    assert uncontained.fingerprint == {**contained.fingerprint, "isolation": "none"}
    assert uncontained.toolchain_fingerprint != contained.toolchain_fingerprint
    assert uncontained.native_fingerprint != contained.native_fingerprint


def test_only_the_machines_own_root_can_be_used(tmp_path: Path):
    other = ToolchainRoot("other", tmp_path, "", (), {})
    with pytest.raises(SandboxError, match="can't show programs the root other; use the toolchain 'host'"):
        working("none").run(Command(argv=("/bin/true",), root=other, limits=LIMITS))
