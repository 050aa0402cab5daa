"""Stores as things to share: merge them, cut out a part, look whether one is sound."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sandbox.store.sqlite import APPLICATION_ID, SCHEMA_VERSION, TABLES, Store
from sandbox.types import Ending, SandboxError

_KEYS = (
    "INSERT OR IGNORE INTO main.keys (sha256, description) SELECT sha256, description FROM other.keys ORDER BY id",
    "CREATE TEMP TABLE renamed AS SELECT theirs.id AS theirs, ours.id AS ours "
    "FROM other.keys AS theirs JOIN main.keys AS ours USING (sha256)",
)

_INCOMING = {
    "builds": (
        "SELECT source, t.ours AS toolchain, binary_sha256, message FROM other.builds "
        "JOIN renamed AS t ON t.theirs = toolchain"
    ),
    "runs": (
        "SELECT binary_sha256, e.ours AS engine, l.ours AS limits, input, ending, code, stdout, stdout_bytes, ticks, "
        "instructions, message FROM other.runs JOIN renamed AS e ON e.theirs = engine "
        "JOIN renamed AS l ON l.theirs = limits"
    ),
    "checks": (
        "SELECT stdout, expected, c.ours AS checker, accepted, accuracy FROM other.checks "
        "JOIN renamed AS c ON c.theirs = checker"
    ),
}
"""The other store's records with our numbers for the keys."""

_SAME = {
    "builds": ("source, toolchain", ("binary_sha256",)),
    "runs": ("binary_sha256, engine, limits, input", ("ending", "code", "stdout", "ticks", "instructions")),
    "checks": ("stdout, expected, checker", ("accepted", "accuracy")),
}
"""Table -> its key, and what records of one key must agree in; messages may differ in words."""


@dataclass(frozen=True)
class Merged:
    """What a merge did.

    Attributes:
        added: Table -> records that were new.
        differing: Records that both stores have, with different content; the first store's were kept.
    """

    added: dict[str, int]
    differing: int


def merge(store: Store, other: Path, *, keep: bool = False) -> Merged:
    """Add all that ``other`` knows to ``store``, or nothing.

    Args:
        store: Takes the records.
        other: Another store's file; it isn't changed.
        keep: Where both have a record and they differ, keep the first store's.

    Raises:
        SandboxError: ``other`` is no store, or the two differ where they must not and ``keep`` is false. A measurement
            is a function of its key: stores differ where one is wrong, or where a program's output isn't determined.
    """
    _require_store(other)
    with _attached(store.path, other) as connection:
        for statement in _KEYS:
            connection.execute(statement)
        differing = {table: _differing(connection, table) for table in _INCOMING}
        found = sum(len(rows) for rows in differing.values())
        if found and not keep:
            table, rows = next((table, rows) for table, rows in differing.items() if rows)
            raise SandboxError(
                f"{other} and {store.path} differ in {found} records, the first is in {table}: {rows[0]}; nothing is "
                "merged (--keep takes the first store's)"
            )
        added = {
            table: connection.execute(f"INSERT OR IGNORE INTO main.{table} {incoming}").rowcount
            for table, incoming in _INCOMING.items()
        }
    return Merged(added, found)


def export(store: Store, path: Path, sources: Iterable[str] | None = None) -> None:
    """Write a store in one compact file.

    Args:
        store: What is copied.
        path: The new file.
        sources: Hashes of programs; only what is known of these is copied. ``None`` copies all.

    Raises:
        SandboxError: ``path`` exists or can't be written.
    """
    if path.exists():
        raise SandboxError(f"{path} exists; give a new file")
    partial = path.with_name(f".{path.name}.partial")
    partial.unlink(missing_ok=True)
    try:
        copy = Store(partial)
        with _attached(partial, store.path) as connection:
            connection.execute("CREATE TEMP TABLE chosen (source BLOB PRIMARY KEY)")
            if sources is not None:
                rows = [(bytes.fromhex(source),) for source in sources]
                connection.executemany("INSERT OR IGNORE INTO chosen VALUES (?)", rows)
            for statement in (*_KEYS, *_copies(everything=sources is None)):
                connection.execute(statement)
        copy.close()
        connection = sqlite3.connect(partial)
        connection.execute("PRAGMA journal_mode=DELETE")
        connection.execute("VACUUM")
        connection.close()
        partial.replace(path)
    except (sqlite3.Error, OSError) as error:
        raise SandboxError(f"can't write {path}: {error}") from None
    finally:
        for suffix in ("", "-wal", "-shm"):
            partial.with_name(partial.name + suffix).unlink(missing_ok=True)


def _copies(*, everything: bool) -> Iterator[str]:
    conditions = {
        "builds": "source IN (SELECT source FROM chosen)",
        "runs": "binary_sha256 IN (SELECT binary_sha256 FROM main.builds)",
        "checks": "stdout IN (SELECT stdout FROM main.runs)",
    }
    for table, incoming in _INCOMING.items():
        condition = "" if everything else f" WHERE {conditions[table]}"
        yield f"INSERT INTO main.{table} {incoming}{condition}"


def check(path: Path) -> list[str]:
    """What is wrong with the store at ``path``, a line each; nothing where it is sound.

    Raises:
        SandboxError: It is no store of this version.
    """
    _require_store(path)
    connection = sqlite3.connect(_read_only(path), uri=True)
    try:
        return list(_faults(connection))
    except sqlite3.DatabaseError as error:
        return [f"the file is damaged: {error}"]
    finally:
        connection.close()


def count(path: Path) -> dict[str, int]:
    """Records of each table.

    Raises:
        SandboxError: ``path`` is no store of this version.
    """
    _require_store(path)
    connection = sqlite3.connect(_read_only(path), uri=True)
    try:
        return {table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in _INCOMING}
    finally:
        connection.close()


def _faults(connection: sqlite3.Connection) -> Iterator[str]:
    for (line,) in connection.execute("PRAGMA integrity_check"):
        if line != "ok":
            yield f"the file is damaged: {line}"
    for table, *_ in connection.execute("PRAGMA foreign_key_check"):
        yield f"a record in {table} has a key that isn't there"
    for digest, description in connection.execute("SELECT sha256, description FROM keys"):
        if hashlib.sha256(description.encode()).digest() != digest:
            yield f"a key's hash isn't that of its description: {description[:80]}"
    endings = ", ".join(f"'{ending.value}'" for ending in Ending)
    for what, condition in {
        "builds: a hash is no SHA-256": "builds WHERE length(source) != 32 OR length(binary_sha256) != 32",
        "runs: a hash is no SHA-256": "runs WHERE length(binary_sha256) != 32 OR length(input) != 32 "
        "OR length(stdout) != 32",
        "runs: an unknown ending": f"runs WHERE ending NOT IN ({endings})",
        "runs: a negative time": "runs WHERE ticks < 0 OR instructions < 0 OR stdout_bytes < 0",
        "runs: a time without a regular end": "runs WHERE ticks IS NOT NULL AND ending != 'exited'",
        "checks: an impossible accuracy": "checks WHERE accuracy NOT BETWEEN 0 AND 1 OR accepted NOT IN (0, 1)",
    }.items():
        found = connection.execute(f"SELECT count(*) FROM {condition}").fetchone()[0]
        if found:
            yield f"{what} ({found} records)"


def _differing(connection: sqlite3.Connection, table: str) -> list[str]:
    """Keys, as text, of the records that both stores have with different content."""
    key, content = _SAME[table]
    different = " OR ".join(f"ours.{name} IS NOT theirs.{name}" for name in content)
    columns = key.split(", ")
    shown = " || ' ' || ".join(f"hex(ours.{name})" for name in columns if name not in ("engine", "limits", "checker"))
    rows = connection.execute(
        f"SELECT {shown} FROM main.{table} AS ours JOIN ({_INCOMING[table]}) AS theirs USING ({key}) WHERE {different}"
    )
    return [str(row[0]).lower() for row in rows]


@contextlib.contextmanager
def _attached(path: Path, other: Path) -> Iterator[sqlite3.Connection]:
    """A transaction on the store at ``path`` with ``other`` attached, read-only."""
    connection = sqlite3.connect(path.absolute().as_uri(), uri=True, timeout=60, isolation_level=None)
    try:
        connection.execute("ATTACH DATABASE ? AS other", (_read_only(other),))
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")
    except sqlite3.Error as error:
        raise SandboxError(f"can't merge {other} with {path}: {error}") from None
    finally:
        connection.close()


def _require_store(path: Path) -> None:
    """Refuse what isn't a store, without writing to it. One of version 1 has the same tables."""
    if not path.is_file():
        raise SandboxError(f"there is no store {path}")
    try:
        connection = sqlite3.connect(_read_only(path), uri=True)
        try:
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            mark = connection.execute("PRAGMA application_id").fetchone()[0]
            tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise SandboxError(f"can't read the store {path}: {error}") from None
    if tables != TABLES or (version, mark) not in ((1, 0), (SCHEMA_VERSION, APPLICATION_ID)):
        raise SandboxError(f"{path} is no store of this version (schema {version}, expected {SCHEMA_VERSION})")


def _read_only(path: Path) -> str:
    """How to open a store without changing it, also in a folder in which nobody may write, where no one else does."""
    fixed = not os.access(path.parent, os.W_OK) and not path.with_name(path.name + "-wal").exists()
    return f"{path.absolute().as_uri()}?mode=ro{'&immutable=1' if fixed else ''}"
