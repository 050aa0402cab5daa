"""What a user is told who asks for gem5 and hasn't got it, or names it wrongly."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sandbox.engines import EngineContext, make_engine
from sandbox.isolation import make_isolation
from sandbox.toolchain import get_root
from sandbox.types import SandboxError


@pytest.fixture(autouse=True)
def _no_gem5_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PIE_GEM5", "PIE_GEM5_ROOT", "PIE_GEM5_SCRIPT", "PIE_GEM5_LAYOUT", "PIE_GEM5_AUDIT"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def check() -> Callable[..., None]:
    def checked(**options: str) -> None:
        make_engine("gem5", EngineContext(get_root("host"), make_isolation("bubblewrap"), options)).check()

    return checked


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({}, "needs a gem5: set PIE_GEM5"),
        ({"gem5": "/nowhere/gem5.fast"}, "no gem5 binary at /nowhere/gem5.fast"),
        ({"gem5": "/bin/true", "root": "/dev"}, "/dev is no root file system"),
        ({"gem5": "/bin/true", "layout": "published"}, "needs its script run-se.py; set PIE_GEM5_SCRIPT"),
        ({"gem5": "/bin/true", "layout": "published", "script": "/nowhere.py"}, "no configuration script"),
        ({"gem5": "/bin/true", "layout": "new"}, "choose own or published"),
        ({"gem5": "/bin/true", "start_up": "new"}, "choose shared or alone"),
        ({"gem5": "/bin/true", "audit": "2"}, "share of the tests from 0 to 1"),
        ({"gem5": "/bin/true", "speed": "high"}, "no option 'speed'"),
        ({"gem5": "/bin/true"}, "gem5 ended unasked"),
    ],
)
def test_one_line_says_what_is_wrong(options: dict[str, str], complaint: str, check: Callable[..., None]) -> None:
    with pytest.raises(SandboxError, match=complaint) as caught:
        check(**options)
    assert "\n" not in str(caught.value)


def test_the_root_s_loader_is_found_through_its_own_links(tmp_path: Path) -> None:
    from sandbox.gem5.binary import Binary

    (tmp_path / "usr/lib/x").mkdir(parents=True)
    (tmp_path / "usr/lib64").mkdir()
    (tmp_path / "lib64").symlink_to("usr/lib64")
    (tmp_path / "usr/lib64/ld-linux-x86-64.so.2").symlink_to("/usr/lib/x/ld.so")
    (tmp_path / "usr/lib/x/ld.so").write_text("loader")
    assert Binary(tmp_path / "gem5", tmp_path, None)._loader() == tmp_path / "usr/lib/x/ld.so"
