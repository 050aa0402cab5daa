"""Roots by name and by description, and the hash that says whether two of them are the same."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from sandbox.toolchain import fingerprint, get_root, paper
from sandbox.toolchain.content import content_sha256
from sandbox.types import SandboxError


@pytest.fixture(autouse=True)
def _private_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIE_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("PIE_TOOLCHAINS_DIR", str(tmp_path / "cache/toolchains"))


def small_root(folder: Path) -> Path:
    (folder / "usr/bin").mkdir(parents=True)
    (folder / "bin").symlink_to("usr/bin")
    (folder / "usr/bin/g++").write_text("compiler")
    (folder / "usr/bin/g++").chmod(0o755)
    (folder / "usr/bin/data").write_text("data")
    return folder


def test_equal_content_has_an_equal_hash_wherever_it_lies(tmp_path: Path) -> None:
    one, other = small_root(tmp_path / "one"), small_root(tmp_path / "other")
    os.utime(other / "usr/bin/data", (0, 0))
    (other / "home").mkdir()  # programs don't see it
    assert content_sha256(one) == content_sha256(other)


@pytest.mark.parametrize(
    "change",
    [
        lambda root: (root / "usr/bin/data").write_text("atad"),
        lambda root: (root / "usr/bin/data").chmod(0o755),
        lambda root: (root / "usr/bin/data").rename(root / "usr/bin/atad"),
        lambda root: (root / "usr/bin/more").write_text(""),
        lambda root: [(root / "bin").unlink(), (root / "bin").symlink_to("usr")],
    ],
)
def test_every_change_shows(tmp_path: Path, change: Callable[[Path], object]) -> None:
    root = small_root(tmp_path / "root")
    before = content_sha256(root)
    assert content_sha256(root) == before  # remembered
    change(root)
    assert content_sha256(root) != before


def test_a_described_root(tmp_path: Path) -> None:
    small_root(tmp_path / "mine")
    description = tmp_path / "mine.json"
    description.write_text(json.dumps({"path": "mine", "compiler": "/usr/bin/g++", "flags": ["-O2"]}))
    root = get_root(str(description))
    assert (root.name, root.path, root.flags) == ("mine", tmp_path / "mine", ("-O2",))
    before = fingerprint(root)
    (tmp_path / "mine/usr/bin/data").write_text("another")
    assert fingerprint(get_root(str(description))) != before


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (None, "can't use .*mine.json"),
        ("{", "give path, compiler and flags|can't use"),
        ('{"path": "mine", "compiler": "/usr/bin/g++"}', "flags"),
        ('{"path": "mine", "compiler": "/usr/bin/clang", "flags": []}', "has no compiler /usr/bin/clang"),
        ('{"path": "/", "compiler": "/usr/bin/g++", "flags": []}', "use the toolchain 'host'"),
    ],
)
def test_a_wrong_description_is_one_clear_line(tmp_path: Path, text: str | None, complaint: str) -> None:
    small_root(tmp_path / "mine")
    description = tmp_path / "mine.json"
    if text is not None:
        description.write_text(text)
    with pytest.raises(SandboxError, match=complaint) as caught:
        get_root(str(description))
    assert "\n" not in str(caught.value)


def test_an_unknown_root_lists_the_known() -> None:
    with pytest.raises(SandboxError, match="host, paper"):
        get_root("papers")


def test_a_root_that_is_not_installed_says_how_to_get_it() -> None:
    with pytest.raises(SandboxError, match="pie toolchain install paper"):
        get_root("paper")


def test_a_changed_paper_root_is_refused() -> None:
    small_root(paper.folder())
    with pytest.raises(SandboxError, match="has been changed; remove it"):
        get_root("paper")


def test_an_install_without_a_mirror_leaves_nothing_half_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIE_DEBIAN_MIRROR", (tmp_path / "nowhere").as_uri())
    with pytest.raises(SandboxError, match="PIE_DEBIAN_MIRROR"):
        paper.install_paper(lambda *_: None)
    assert not paper.folder().exists()
