"""One SQLite file with the three tables that make a measurement a pure function of its key.

* ``builds``: (source, toolchain) -> binary or compile error
* ``runs``: (binary, input, engine, limits) -> ending, time, output hash
* ``checks``: (output, expected, checker) -> right or wrong, line accuracy

Hashes are kept as 32-byte blobs, fingerprints and checkers as small numbers that the ``keys`` table explains. The file
is in WAL mode, so any number of processes of one machine may read and write it; every record is written once and never
changed. (On a network file system only one machine may have it open; workers elsewhere use :mod:`sandbox.store.served`.)
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from sandbox.types import Check, Ending, Limits, Measurement, SandboxError

SCHEMA_VERSION = 2

APPLICATION_ID = 0x50494531
"""Marks the file as a store of this benchmark ("PIE1"), so that another program's file isn't taken for one."""

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

TABLES = {"keys", "builds", "runs", "checks"}

_CACHED_CHECKS = 1 << 16

_ENDINGS = {ending.value: ending for ending in Ending}

Opinions = Mapping[tuple[str, int], Check]
"""(expected hash, checker) -> opinion on a run's output."""

_ANOTHER = "give another file with PIE_STORE"

_PATIENCE_S = 60
"""How long a connection waits for others that hold the file's lock."""


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


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Put a file into WAL mode, also while other processes do the same.

    The switch turns a read lock into a write lock, and there SQLite skips the connection's timeout (two that both wait
    would wait for ever), so that all but one of the commands that make a store at the same moment would fail.
    """
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
        time.sleep(0.01)


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
        except OSError as error:
            raise SandboxError(f"can't open the store {self.path}: {error.strerror}; {_ANOTHER}") from None
        with self._faults("open"):
            connection = self._connection
            _write_ahead(connection)
            connection.execute("BEGIN IMMEDIATE")
            try:
                self._create_or_migrate(connection)
            finally:
                connection.execute("COMMIT")

    def _create_or_migrate(self, connection: sqlite3.Connection) -> None:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if version == 0 and not tables:
            for statement in filter(str.strip, _SCHEMA.split(";")):
                connection.execute(statement)
        elif version == SCHEMA_VERSION and connection.execute("PRAGMA application_id").fetchone()[0] == APPLICATION_ID:
            return
        elif version != 1 or tables != TABLES:  # version 1 had the same tables without the mark
            raise SandboxError(
                f"{self.path} is no store of this version (schema {version}, expected {SCHEMA_VERSION}); {_ANOTHER}"
            )
        connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version={SCHEMA_VERSION}")

    @contextlib.contextmanager
    def _faults(self, what: str) -> Iterator[None]:
        """Turn SQLite's errors into one line with the remedy."""
        try:
            yield
        except sqlite3.Error as error:
            remedy = "free some space and run the same command again" if "full" in str(error) else _ANOTHER
            raise SandboxError(f"can't {what} the store {self.path}: {error}; {remedy}") from None

    @property
    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(self.path, timeout=_PATIENCE_S, isolation_level=None)
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
            with self._faults("write to"):
                row = self._connection.execute("SELECT id FROM keys WHERE sha256 = ?", (digest,)).fetchone()
                if row is None:
                    insert = "INSERT OR IGNORE INTO keys (sha256, description) VALUES (?, ?)"
                    self._connection.execute(insert, (digest, text))
                    row = self._connection.execute("SELECT id FROM keys WHERE sha256 = ?", (digest,)).fetchone()
            self._keys[text] = row[0]
        return self._keys[text]

    def get_build(self, source_sha256: str, toolchain: int) -> Build | None:
        with self._faults("read"):
            row = self._connection.execute(
                "SELECT binary_sha256, message FROM builds WHERE source = ? AND toolchain = ?",
                (bytes.fromhex(source_sha256), toolchain),
            ).fetchone()
        return Build(row[0].hex() if row[0] is not None else None, row[1]) if row else None

    def put_build(self, source_sha256: str, toolchain: int, build: Build) -> None:
        binary = bytes.fromhex(build.binary_sha256) if build.binary_sha256 is not None else None
        with self._faults("write to"):
            self._connection.execute(
                "INSERT OR IGNORE INTO builds VALUES (?, ?, ?, ?)",
                (bytes.fromhex(source_sha256), toolchain, binary, build.message),
            )

    def get_runs(self, binary_sha256: str, engines: Sequence[int], limits: int) -> list[dict[str, Measurement]]:
        """All stored runs of a binary, for each engine by the input's hash."""
        with self._faults("read"):
            rows = self._connection.execute(
                "SELECT engine, input, ending, code, stdout, stdout_bytes, ticks, instructions, message FROM runs "
                f"WHERE binary_sha256 = ? AND engine IN ({','.join('?' * len(engines))}) AND limits = ?",
                (bytes.fromhex(binary_sha256), *engines, limits),
            ).fetchall()
        runs: dict[int, dict[str, Measurement]] = {engine: {} for engine in engines}
        for engine, given, ending, code, stdout, *rest in rows:
            runs[engine][given.hex()] = Measurement(_ENDINGS[ending], code, stdout.hex(), *rest)
        return [runs[engine] for engine in engines]

    def put_run(
        self,
        binary_sha256: str,
        engine: int,
        limits: int,
        input_sha256: str,
        run: Measurement,
        *,
        checks: Opinions | None = None,
        wanted: Iterable[tuple[str, int]] = (),
    ) -> None:
        """Keep a run and the opinions on its output, all or nothing; they are durable when this returns.

        A stored run stays, except one that succeeded and lacks an opinion among ``wanted``, (expected, checker) pairs: only
        a new run shows an output, which may be another one, so the stored run could never be used.
        """
        stdout = bytes.fromhex(run.stdout_sha256)
        opinions = [
            (stdout, bytes.fromhex(expected), checker, int(check.accepted), check.accuracy)
            for (expected, checker), check in (checks or {}).items()
        ]
        row = (
            bytes.fromhex(binary_sha256),
            engine,
            limits,
            bytes.fromhex(input_sha256),
            run.ending.value,
            run.code,
            stdout,
            run.stdout_bytes,
            run.ticks,
            run.instructions,
            run.message,
        )
        with self._faults("write to"), self._transaction() as connection:
            connection.executemany("INSERT OR IGNORE INTO checks VALUES (?, ?, ?, ?, ?)", opinions)
            word = "IGNORE" if self._is_usable(row[:4], wanted) else "REPLACE"
            connection.execute(f"INSERT OR {word} INTO runs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)

    def _is_usable(self, key: Sequence[object], wanted: Iterable[tuple[str, int]]) -> bool:
        """Whether a run is stored and has the opinions that are wanted."""
        stored = self._connection.execute(
            "SELECT ending, code, stdout FROM runs WHERE binary_sha256 = ? AND engine = ? AND limits = ? AND input = ?",
            key,
        ).fetchone()
        if stored is None or (stored[0], stored[1]) != (Ending.EXITED.value, 0):
            return stored is not None
        return all(self._check((stored[2].hex(), expected, checker)) is not None for expected, checker in wanted)

    def get_checks(
        self, outputs: Iterable[tuple[str, str]], checkers: Sequence[int]
    ) -> dict[tuple[str, str, int], Check]:
        """Stored opinions on (output, expected) pairs; pairs nobody has checked are left out."""
        found = {}
        for stdout, expected in outputs:
            for checker in checkers:
                key = stdout, expected, checker
                check = self._checks.get(key) or self._check(key)
                if check is not None:
                    found[key] = check
        return found

    def _check(self, key: tuple[str, str, int]) -> Check | None:
        """One opinion, remembered: most outputs are asked for again and again, for they are the expected ones."""
        stdout, expected, checker = key
        with self._faults("read"):
            row = self._connection.execute(
                "SELECT accepted, accuracy FROM checks WHERE stdout = ? AND expected = ? AND checker = ?",
                (bytes.fromhex(stdout), bytes.fromhex(expected), checker),
            ).fetchone()
        if row is None:
            return None
        if len(self._checks) >= _CACHED_CHECKS:
            self._checks.clear()
        check = self._checks[key] = Check(bool(row[0]), row[1])
        return check

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        connection = self._connection
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
        except BaseException:
            with contextlib.suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")
