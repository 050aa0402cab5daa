"""What an imported data set (:mod:`pie_tasks.dataset.imported`) says of itself."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from sandbox.types import SandboxError

MANIFEST = "manifest.json"
UNFINISHED = "unfinished"
VERSION = 1


@dataclass(frozen=True)
class RowsSummary:
    """What one row file gave.

    Attributes:
        source: The imported file or hub data set.
        pairs: Rows.
        problems: Distinct problems.
    """

    source: str
    pairs: int
    problems: int


@dataclass(frozen=True)
class TestsSummary:
    """What one folder of test cases holds.

    Attributes:
        problems: Problems that have tests.
        tests: Tests of all problems together.
        median: Median number of tests of a problem.
    """

    __test__ = False

    problems: int
    tests: int
    median: float


@dataclass(frozen=True)
class Manifest:
    """The content of ``manifest.json``.

    Attributes:
        rows: Name of a row file ("test") -> what it gave.
        tests: Name of a folder of test cases -> what it holds.
        contents: Distinct test inputs and outputs.
        content_bytes: Their size.
        stored_bytes: Size of the files that hold them.
        sources: Imported file -> its size and time, so that a second import can tell whether it is the same.
        missing: What the import didn't find, a line each.
        left_out: Damaged things that were left out on request, a line each.
    """

    rows: Mapping[str, RowsSummary]
    tests: Mapping[str, TestsSummary]
    contents: int
    content_bytes: int
    stored_bytes: int
    sources: Mapping[str, str] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


def is_imported(folder: Path) -> bool:
    """Whether ``folder`` is an imported data set, finished or not."""
    return (folder / MANIFEST).is_file() or (folder / UNFINISHED).is_dir()


def read_manifest(folder: Path) -> Manifest:
    """What an imported data set holds.

    Raises:
        SandboxError: Its import isn't finished, or it was made by another version.
    """
    path = folder / MANIFEST
    if not path.is_file():
        raise SandboxError(f"the import into {folder} isn't finished; run the same 'pie data import' again")
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        version = content.pop("version")
        if version != VERSION:
            raise SandboxError(f"{folder} was imported by another version ({version}); import it again")
        content["rows"] = {name: RowsSummary(**value) for name, value in content["rows"].items()}
        content["tests"] = {name: TestsSummary(**value) for name, value in content["tests"].items()}
        content["missing"], content["left_out"] = tuple(content["missing"]), tuple(content["left_out"])
        return Manifest(**content)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise SandboxError(f"{path} is damaged ({error}); import the data again") from None


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write ``manifest.json`` whole or not at all."""
    temporary = folder / f"{MANIFEST}.new"
    with temporary.open("w", encoding="utf-8") as file:
        json.dump({"version": VERSION, **asdict(manifest)}, file, indent=1)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(folder / MANIFEST)
