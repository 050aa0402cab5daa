"""Reading an imported data set: rows by split, tests by problem."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pie_tasks.dataset.imported.layout import INDEX, ROWS, TESTS, content_file
from pie_tasks.dataset.manifest import read_manifest
from pie_tasks.dataset.rows import PieRow, parse_row
from sandbox.types import SandboxError, TestCase

Place = tuple[bytes, int, int]
"""SHA-256, number of the content file, row group."""


def rows_file(folder: Path, name: str) -> Path:
    """The Parquet file of a row file ("test").

    Raises:
        SandboxError: The import isn't finished, or the data set has no such rows.
    """
    manifest = read_manifest(folder)
    if name not in manifest.rows:
        raise SandboxError(f"{folder} has no rows '{name}', only: {', '.join(manifest.rows)}; import the file too")
    return folder / ROWS / f"{name}.parquet"


def read_imported_rows(folder: Path, name: str) -> tuple[PieRow, ...]:
    """All rows of a row file ("test"), in its order.

    Raises:
        SandboxError: As :func:`rows_file`, or the file is damaged.
    """
    return tuple(parse_row(raw, f"{name}, row {number}") for number, raw in enumerate(raw_rows(folder, name)))


def raw_rows(folder: Path, name: str) -> Iterator[dict[str, Any]]:
    """The rows of a row file in the official columns, without those that repeat others."""
    path = rows_file(folder, name)
    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=500):
                yield from batch.to_pylist()
    except (OSError, pa.ArrowException) as error:
        raise SandboxError(f"{path} is damaged ({error}); import the data again") from None


@dataclass(frozen=True, eq=False)
class ImportedTests:
    """The tests of all problems in an imported data set; the counterpart of :class:`pie_tasks.dataset.TestFolder`.

    Args:
        folder: The imported data set.
        kind: Which test cases: the name of the published folder.
    """

    folder: Path
    kind: str
    _kept: dict[tuple[str, str], TestCase] = field(default_factory=dict, repr=False)

    def problems(self) -> dict[str, int]:
        """Problem -> number of its tests."""
        return {problem: len(tests) for problem, tests in self._index.items()}

    def names(self, problem_id: str) -> tuple[str, ...]:
        """Names of all tests of a problem, in the order of their numbers.

        Raises:
            SandboxError: There is none.
        """
        return tuple(self._problem(problem_id))

    def require(self, problem_id: str, names: tuple[str, ...] = ()) -> tuple[str, ...]:
        """The given names, or all where none is given, after looking that they exist.

        Raises:
            SandboxError: One doesn't exist; the message names it.
        """
        known = self._problem(problem_id)
        missing = [name for name in names if name not in known]
        if missing:
            raise SandboxError(f"problem {problem_id}: tests are missing in {self.kind}: {', '.join(missing[:5])}")
        return names or tuple(known)

    def load(self, problem_id: str, names: tuple[str, ...] = ()) -> tuple[TestCase, ...]:
        """The named tests of a problem in the given order; all of them where no name is given.

        Raises:
            SandboxError: A test is missing or damaged; the message names it.
        """
        wanted = self.require(problem_id, names)
        new = [name for name in wanted if (problem_id, name) not in self._kept]
        tests = self._problem(problem_id)
        contents = self._contents([place for name in new for place in tests[name]])
        for name in new:
            given, expected = (contents[place[0]] for place in tests[name])
            self._kept[problem_id, name] = TestCase(name, given, expected)
        return tuple(self._kept[problem_id, name] for name in wanted)

    def sha256(self, problem_id: str, names: tuple[str, ...] = ()) -> str:
        """SHA-256 of the named tests' names and contents, equal to that of the folder they came from."""
        digest = hashlib.sha256()
        tests = self._problem(problem_id)
        for name in self.require(problem_id, names):
            given, expected = tests[name]
            digest.update(f"{name}\0{given[0].hex()}\0{expected[0].hex()}\0".encode())
        return digest.hexdigest()

    @property
    def _index(self) -> dict[str, dict[str, tuple[Place, Place]]]:
        return _read_index(self.folder, self.kind)

    def _problem(self, problem_id: str) -> dict[str, tuple[Place, Place]]:
        if problem_id not in self._index:
            raise SandboxError(f"problem {problem_id} has no tests in {self.kind} of {self.folder}")
        return self._index[problem_id]

    def _contents(self, places: list[Place]) -> dict[bytes, bytes]:
        groups: dict[tuple[int, int], set[bytes]] = defaultdict(set)
        for digest, file, group in places:
            groups[file, group].add(digest)
        found: dict[bytes, bytes] = {}
        for (number, group), digests in groups.items():
            path = content_file(self.folder, number)
            try:
                with pq.ParquetFile(path) as file:
                    table = file.read_row_group(group)
            except (OSError, pa.ArrowException) as error:
                raise SandboxError(f"{path} is damaged ({error}); import the data again") from None
            for digest, content in zip(table["sha256"], table["content"], strict=True):
                key = digest.as_py()
                if key in digests:
                    found[key] = content.as_py()
        for digest, _, _ in places:
            if hashlib.sha256(found.get(digest, b"")).digest() != digest:
                raise SandboxError(f"{self.folder / TESTS} has lost a test's content; import the data again")
        return found


@lru_cache(maxsize=4)
def _read_index(folder: Path, kind: str) -> dict[str, dict[str, tuple[Place, Place]]]:
    read_manifest(folder)
    path = folder / TESTS / INDEX
    index: dict[str, dict[str, tuple[Place, Place]]] = defaultdict(dict)
    try:
        table = pq.read_table(path, filters=[("folder", "=", kind)])
    except (OSError, pa.ArrowException) as error:
        raise SandboxError(f"{path} is damaged ({error}); import the data again") from None
    for batch in table.to_batches(max_chunksize=10_000):
        columns = [batch.column(i).to_pylist() for i in range(1, batch.num_columns)]
        for problem, test, *places in zip(*columns, strict=True):
            index[problem][test] = (tuple(places[:3]), tuple(places[3:]))
    return dict(index)
