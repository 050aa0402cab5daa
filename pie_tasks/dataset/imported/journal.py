"""The journal of an import under way: what is safely written, so that a killed import goes on from there."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

_SCHEMA = """
CREATE TABLE IF NOT EXISTS sources (
    name TEXT PRIMARY KEY, stamp TEXT NOT NULL, members INTEGER NOT NULL, done INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS contents (
    sha256 BLOB PRIMARY KEY, file INTEGER NOT NULL, row_group INTEGER NOT NULL, bytes INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS parts (
    folder TEXT, problem TEXT, test TEXT, kind TEXT, sha256 BLOB NOT NULL, source TEXT NOT NULL,
    PRIMARY KEY (folder, problem, test, kind)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS faults (source TEXT NOT NULL, line TEXT NOT NULL);
"""

Part = tuple[str, str, str, str, bytes]
"""Folder, problem, test, ``input`` or ``output``, SHA-256."""

Place = tuple[bytes, int, int, int]
"""SHA-256, number of the content file, row group in it, size in bytes."""

INDEX_QUERY = """
SELECT a.folder, a.problem, a.test, a.sha256, ca.file, ca.row_group, b.sha256, cb.file, cb.row_group
FROM parts a JOIN parts b ON (a.folder, a.problem, a.test) = (b.folder, b.problem, b.test)
JOIN contents ca ON ca.sha256 = a.sha256 JOIN contents cb ON cb.sha256 = b.sha256
WHERE a.kind = 'input' AND b.kind = 'output'
ORDER BY a.folder, a.problem, length(a.test), a.test
"""

_HALF_QUERY = """
SELECT a.folder, a.problem, a.test, a.kind FROM parts a WHERE NOT EXISTS (
    SELECT 1 FROM parts b WHERE (b.folder, b.problem, b.test) = (a.folder, a.problem, a.test) AND b.kind <> a.kind)
"""


class Journal:
    """A SQLite file. Each method that writes is one transaction.

    Args:
        path: The file; made where it is missing.
    """

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA cache_size=-65536")  # 64 MiB
        self._db.executescript(_SCHEMA)

    def close(self) -> None:
        self._db.close()

    def begin(self, source: str, stamp: str) -> tuple[int, bool]:
        """Start or continue a source: members that are done, and whether all are. A changed source starts anew."""
        row = self._db.execute("SELECT stamp, members, done FROM sources WHERE name = ?", (source,)).fetchone()
        if row is not None and row[0] == stamp:
            return row[1], bool(row[2])
        with self._transaction():
            self._db.execute("INSERT OR REPLACE INTO sources VALUES (?, ?, 0, 0)", (source, stamp))
            self._db.execute("DELETE FROM parts WHERE source = ?", (source,))
            self._db.execute("DELETE FROM faults WHERE source = ?", (source,))
        return 0, False

    def add(self, source: str, members: int, parts: Iterable[Part], places: Iterable[Place], done: bool) -> None:
        """Note that the first ``members`` members of ``source`` are safe."""
        with self._transaction():
            self._db.executemany("INSERT OR IGNORE INTO contents VALUES (?, ?, ?, ?)", places)
            self._db.executemany(
                "INSERT OR REPLACE INTO parts VALUES (?, ?, ?, ?, ?, ?)", ((*part, source) for part in parts)
            )
            self._db.execute("UPDATE sources SET members = ?, done = ? WHERE name = ?", (members, int(done), source))

    def add_fault(self, source: str, line: str) -> None:
        self._db.execute("INSERT INTO faults VALUES (?, ?)", (source, line))

    def faults(self, source: str) -> list[str]:
        return [row[0] for row in self._db.execute("SELECT line FROM faults WHERE source = ?", (source,))]

    def sources(self) -> dict[str, str]:
        """Finished sources with their stamps."""
        return dict(self._db.execute("SELECT name, stamp FROM sources WHERE done = 1"))

    def has_content(self, sha256: bytes) -> bool:
        return self._db.execute("SELECT 1 FROM contents WHERE sha256 = ?", (sha256,)).fetchone() is not None

    def next_file(self) -> int:
        """The first number without a content file."""
        return int(self._db.execute("SELECT coalesce(max(file), -1) + 1 FROM contents").fetchone()[0])

    def halves(self) -> list[tuple[str, str, str, str]]:
        """Tests that have only an input or only an output: folder, problem, test, what there is."""
        return self._db.execute(_HALF_QUERY).fetchall()

    def index(self) -> Iterator[tuple[str, str, str, bytes, int, int, bytes, int, int]]:
        """The rows of the index: folder, problem, test, then hash, file and row group of its input and output."""
        return self._db.execute(INDEX_QUERY)

    def content_sizes(self) -> tuple[int, int]:
        """Number and bytes of distinct contents."""
        count, size = self._db.execute("SELECT count(*), coalesce(sum(bytes), 0) FROM contents").fetchone()
        return count, size

    def _transaction(self) -> _Transaction:
        return _Transaction(self._db)


class _Transaction:
    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def __enter__(self) -> None:
        self._db.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: object, *_: object) -> None:
        self._db.execute("COMMIT" if kind is None else "ROLLBACK")
