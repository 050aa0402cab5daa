"""One SQLite file with the three tables that make a measurement a pure function of its key.

* ``builds``: (source, toolchain) -> binary or compile error
* ``runs``: (binary, input, engine, limits) -> ending, time, output hash
* ``checks``: (output, expected, checker) -> right or wrong, line accuracy

Hashes are kept as 32-byte blobs, fingerprints and checkers as small numbers that the ``keys`` table explains. The file
is in WAL mode, so any number of processes may read and write it; every record is written once and never changed.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from sandbox.types import Check, Ending, Limits, Measurement, SandboxError

SCHEMA_VERSION = 1

_SCHEMA = """
CREATE TABLE keys (id INTEGER PRIMARY KEY, sha256 BLOB NOT NULL UNIQUE, description TEXT NOT NULL);
CREATE TABLE builds (
    source BLOB NOT NULL, toolchain INTEGER NOT NULL REFERENCES keys, binary_sha256 BLOB, message TEXT NOT NULL,
    PRIMARY KEY (source, toolchain)) WITHOUT ROWID;
CREATE TABLE runs (
    binary_sha256 BLOB NOT NULL, engine INTEGER NOT NULL REFERENCES keys, limits INTEGER NOT NULL REFERENCES keys,
    input BLOB NOT NULL, ending TEXT NOT NULL, code INTEGER NOT NULL, stdout BLOB NOT NULL,
    stdout_bytes INTEGER NOT NULL, ticks INTEGER, instructions INTEGER, message TEXT NOT NULL,
    PRIMARY KEY (binary_sha256, engine, limits, input)) WITHOUT ROWID;
CREATE TABLE checks (
    stdout BLOB NOT NULL, expected BLOB NOT NULL, checker INTEGER NOT NULL REFERENCES keys,
    accepted INTEGER NOT NULL, accuracy REAL NOT NULL,
    PRIMARY KEY (stdout, expected, checker)) WITHOUT ROWID;
"""


@dataclass(frozen=True)
class Build:
    """A stored compilation: the binary's hash, or ``None`` and the compiler's message."""

    binary_sha256: str | None
    message: str


def describe(description: Mapping[str, object]) -> str:
    """The canonical JSON of a fingerprint's parts; equal parts give equal text."""
    return json.dumps(description, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def run_limits(limits: Limits) -> Mapping[str, int]:
    """The limits that belong to a run's key (those of the compiler belong to the build's)."""
    return {name: value for name, value in asdict(limits).items() if not name.startswith(("compile_", "binary_"))}


def build_limits(limits: Limits) -> Mapping[str, int]:
    """The limits that belong to a build's key."""
    return {name: value for name, value in asdict(limits).items() if name.startswith(("compile_", "binary_"))}


class Store:
    """The store in one file. Safe to share between threads and processes.

    Args:
        path: The SQLite file; it and its folder are made where they are missing.

    Raises:
        SandboxError: The file is no store, is newer than this version, or can't be opened.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()
        self._keys: dict[str, int] = {}
        self._checks: dict[tuple[str, str, int], Check] = {}
        self._create()

    def _create(self) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            connection = self._connection
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("BEGIN IMMEDIATE")
            try:
                version = connection.execute("PRAGMA user_version").fetchone()[0]
                tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
                if version == 0 and tables == 0:
                    for statement in filter(str.strip, _SCHEMA.split(";")):
                        connection.execute(statement)
                    connection.execute(f"PRAGMA user_version={SCHEMA_VERSION}")
                elif version != SCHEMA_VERSION:
                    raise SandboxError(
                        f"{self.path} is no store of this version (schema {version}, expected {SCHEMA_VERSION}); "
                        "give another file with PIE_STORE"
                    )
            finally:
                connection.execute("COMMIT")
        except (sqlite3.Error, OSError) as error:
            raise SandboxError(f"can't open the store {self.path}: {error}; give another file with PIE_STORE") from None

    @property
    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(self.path, timeout=60, isolation_level=None)
            connection.execute("PRAGMA synchronous=NORMAL")
            self._local.connection = connection
        return connection

    def close(self) -> None:
        """Close this thread's connection; others close with their threads."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is not None:
            connection.close()
            del self._local.connection

    def key(self, description: Mapping[str, object]) -> int:
        """The small number that stands for a fingerprint, a set of limits or a checker in this file."""
        text = describe(description)
        if text not in self._keys:
            digest = hashlib.sha256(text.encode()).digest()
            self._connection.execute("INSERT OR IGNORE INTO keys (sha256, description) VALUES (?, ?)", (digest, text))
            row = self._connection.execute("SELECT id FROM keys WHERE sha256 = ?", (digest,)).fetchone()
            self._keys[text] = row[0]
        return self._keys[text]

    def get_build(self, source_sha256: str, toolchain: int) -> Build | None:
        row = self._connection.execute(
            "SELECT binary_sha256, message FROM builds WHERE source = ? AND toolchain = ?",
            (bytes.fromhex(source_sha256), toolchain),
        ).fetchone()
        return Build(row[0].hex() if row[0] is not None else None, row[1]) if row else None

    def put_build(self, source_sha256: str, toolchain: int, build: Build) -> None:
        binary = bytes.fromhex(build.binary_sha256) if build.binary_sha256 is not None else None
        self._connection.execute(
            "INSERT OR IGNORE INTO builds VALUES (?, ?, ?, ?)",
            (bytes.fromhex(source_sha256), toolchain, binary, build.message),
        )

    def get_runs(self, binary_sha256: str, engine: int, limits: int) -> dict[str, Measurement]:
        """All stored runs of a binary, by the input's hash."""
        rows = self._connection.execute(
            "SELECT input, ending, code, stdout, stdout_bytes, ticks, instructions, message FROM runs "
            "WHERE binary_sha256 = ? AND engine = ? AND limits = ?",
            (bytes.fromhex(binary_sha256), engine, limits),
        )
        return {
            row[0].hex(): Measurement(Ending(row[1]), row[2], row[3].hex(), row[4], row[5], row[6], row[7])
            for row in rows
        }

    def put_run(self, binary_sha256: str, engine: int, limits: int, input_sha256: str, run: Measurement) -> None:
        self._connection.execute(
            "INSERT OR IGNORE INTO runs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                bytes.fromhex(binary_sha256),
                engine,
                limits,
                bytes.fromhex(input_sha256),
                run.ending.value,
                run.code,
                bytes.fromhex(run.stdout_sha256),
                run.stdout_bytes,
                run.ticks,
                run.instructions,
                run.message,
            ),
        )

    def get_checks(
        self, outputs: Iterable[tuple[str, str]], checkers: Sequence[int]
    ) -> dict[tuple[str, str, int], Check]:
        """Stored opinions on (output, expected) pairs; pairs nobody has checked are left out."""
        found = {}
        for stdout, expected in outputs:
            for checker in checkers:
                key = (stdout, expected, checker)
                check = self._checks.get(key)
                if check is None:
                    row = self._connection.execute(
                        "SELECT accepted, accuracy FROM checks WHERE stdout = ? AND expected = ? AND checker = ?",
                        (bytes.fromhex(stdout), bytes.fromhex(expected), checker),
                    ).fetchone()
                    if row is None:
                        continue
                    check = Check(bool(row[0]), row[1])
                    if len(self._checks) >= 1 << 16:
                        self._checks.clear()
                    self._checks[key] = check
                found[key] = check
        return found

    def put_check(self, stdout_sha256: str, expected_sha256: str, checker: int, check: Check) -> None:
        self._connection.execute(
            "INSERT OR IGNORE INTO checks VALUES (?, ?, ?, ?, ?)",
            (
                bytes.fromhex(stdout_sha256),
                bytes.fromhex(expected_sha256),
                checker,
                int(check.accepted),
                check.accuracy,
            ),
        )
