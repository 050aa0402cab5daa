"""What contained programs must see is made such that they do, whatever the harness's umask."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.paths import can_be_entered, make_enterable
from sandbox.skylake.build import build
from sandbox.types import SandboxError


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that all users can enter, unlike pytest's."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


def test_new_folders_are_entered_by_all_and_old_ones_stay(tmp_path: Path, strict_umask: None) -> None:
    (tmp_path / "old").mkdir()
    make_enterable(tmp_path / "old" / "new" / "newer")
    modes = [(tmp_path / name).stat().st_mode & 0o777 for name in ("old", "old/new", "old/new/newer")]
    assert modes == [0o700, 0o755, 0o755]
    make_enterable(tmp_path / "old" / "new" / "newer")


def test_the_built_plugin_is_seen_under_a_strict_umask(open_folder: Path, strict_umask: None) -> None:
    try:
        built = build(open_folder / "cache")
    except SandboxError as error:
        pytest.skip(str(error))
    assert built.folder.is_relative_to(open_folder)
    assert can_be_entered(built.folder)
