"""What the paths of ``pie data import`` are: files of rows, folders or archives of test cases, hub data sets."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pie_tasks.dataset.splits import DATASETS, HUB_PREFIX
from pie_tasks.dataset.tests import MERGED, PUBLIC
from sandbox.types import SandboxError

TEST_FOLDERS = (MERGED, PUBLIC)
ROW_FILES = tuple(sorted({DATASETS.get(name).file for name in DATASETS.names()}))

_ARCHIVE = re.compile(rf"({'|'.join(TEST_FOLDERS)}).*\.(tar|tar\.gz|tar\.bz2|tar\.xz|tgz)")


@dataclass(frozen=True)
class Source:
    """One thing to import.

    Attributes:
        kind: What it is.
        name: Its name in messages, in the journal and in the manifest.
        path: Where it is; nothing for a hub data set.
    """

    kind: Literal["rows", "hub", "archive", "folder"]
    name: str
    path: Path = Path()

    @property
    def test_folder(self) -> str:
        """The folder of test cases that an archive or a folder belongs to."""
        return next(name for name in TEST_FOLDERS if self.name.startswith(name))

    @property
    def stamp(self) -> str:
        """Changes when the source does, as far as that can be seen without reading it."""
        if self.kind == "hub":
            return "hub"
        status = self.path.stat()
        return f"{status.st_size} {status.st_mtime_ns}"


def find_sources(paths: Sequence[str]) -> list[Source]:
    """The sources that ``paths`` name; a folder of downloads stands for all that it holds of the official files.

    Raises:
        SandboxError: A path doesn't exist or isn't anything that can be imported, or two are the same thing.
    """
    found = [source for path in paths for source in _sources(path)]
    names = [source.name for source in found]
    for name in names:
        if names.count(name) > 1:
            raise SandboxError(f"{name} is given twice; which one is right?")
    # Rows first: they are small, and what is wrong with them is known before the long part begins.
    return sorted(found, key=lambda source: (source.kind not in ("rows", "hub"), source.name))


def _sources(text: str) -> Iterator[Source]:
    if text.startswith(HUB_PREFIX):
        yield Source("hub", text)
        return
    path = Path(text).expanduser()
    if not path.exists():
        raise SandboxError(f"{path} doesn't exist")
    one = _source(path)
    if one is not None:
        yield one
        return
    inside = [_source(child) for child in sorted(path.iterdir())] if path.is_dir() else []
    known = [source for source in inside if source is not None]
    if not known:
        raise SandboxError(
            f"{path}: nothing to import; give {', '.join(ROW_FILES)}, {' or '.join(TEST_FOLDERS)} (a folder or .tar.gz),"
            " a folder that holds some of them, or hub:OWNER/NAME"
        )
    yield from known


def _source(path: Path) -> Source | None:
    if path.is_dir():
        return Source("folder", path.name, path) if path.name in TEST_FOLDERS else None
    if path.name in ROW_FILES:
        return Source("rows", path.name, path)
    return Source("archive", path.name, path) if _ARCHIVE.fullmatch(path.name) else None
