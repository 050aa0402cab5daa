"""From a folder or an archive of test cases to content files: each content once, compressed, by its SHA-256."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import lzma
import os
import re
import tarfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from pie_tasks.dataset.imported.journal import Journal, Part, Place
from pie_tasks.dataset.imported.layout import CONTENT_SCHEMA, content_file
from pie_tasks.dataset.imported.sources import Source
from sandbox.types import SandboxError

GROUP_BYTES = 4 << 20
"""Contents that are compressed together. Reading a test reads its group, so groups are small."""

FILE_BYTES = 64 << 20
FILE_CONTENTS = 8192
"""A content file is complete, and its part of the import safe, at so many bytes or contents."""

MAX_TEST_BYTES = 128 << 20
"""The greatest input or output that is taken."""

_TEST = re.compile(r"(?:.*/)?(?P<problem>\w[\w.-]*)/(?P<kind>input|output)\.(?P<test>\d+)\.txt")
_MAGIC: dict[bytes, Callable[[Any], Any]] = {
    b"\x1f\x8b": lambda file: gzip.GzipFile(fileobj=file),
    b"BZ": bz2.BZ2File,
    b"\xfd7": lzma.LZMAFile,
}
_BROKEN = (tarfile.TarError, EOFError, OSError, zlib.error, lzma.LZMAError)

Member = tuple[str, int, bytes]
"""A file's path, its size in bytes, and its content; nothing of one that is greater than :data:`MAX_TEST_BYTES`."""


class ContentWriter:
    """Writes contents to numbered files and tells the journal when a file is safe.

    Args:
        folder: The imported data set.
        journal: Its journal.
        source: The source that is being read.
    """

    def __init__(self, folder: Path, journal: Journal, source: str) -> None:
        self._folder, self._journal, self._source = folder, journal, source
        self._number = journal.next_file()
        self._start()

    def _start(self) -> None:
        self._group: dict[bytes, bytes] = {}
        self._group_bytes = self._file_bytes = self._groups = 0
        self._places: dict[bytes, Place] = {}
        self._parts: list[Part] = []
        self._file: pq.ParquetWriter | None = None

    @property
    def is_full(self) -> bool:
        """Whether the file should be closed by :meth:`commit`."""
        return self._file_bytes >= FILE_BYTES or len(self._parts) >= FILE_CONTENTS

    def add(self, folder: str, problem: str, test: str, kind: str, content: bytes) -> None:
        """Take one input or output."""
        digest = hashlib.sha256(content).digest()
        self._parts.append((folder, problem, test, kind, digest))
        if digest in self._places or self._journal.has_content(digest):
            return
        self._places[digest] = (digest, self._number, self._groups, len(content))
        self._group[digest] = content
        self._group_bytes += len(content)
        self._file_bytes += len(content)
        if self._group_bytes >= GROUP_BYTES:
            self._write_group()

    def commit(self, members: int, done: bool = False) -> None:
        """Make all that was taken safe."""
        self._write_group()
        if self._file is not None:
            self._file.close()
            temporary = self._temporary
            with temporary.open("rb") as file:
                os.fsync(file.fileno())
            temporary.replace(content_file(self._folder, self._number))
            self._number += 1
        self._journal.add(self._source, members, self._parts, self._places.values(), done)
        self._start()

    @property
    def _temporary(self) -> Path:
        return content_file(self._folder, self._number).with_suffix(".new")

    def _write_group(self) -> None:
        if not self._group:
            return
        if self._file is None:
            self._file = pq.ParquetWriter(
                self._temporary, CONTENT_SCHEMA, compression="zstd", use_dictionary=False, write_statistics=False
            )
        columns = {"sha256": list(self._group), "content": list(self._group.values())}
        self._file.write_table(pa.table(columns, CONTENT_SCHEMA), row_group_size=len(self._group))
        self._group, self._group_bytes, self._groups = {}, 0, self._groups + 1


def import_tests(source: Source, folder: Path, journal: Journal, advance: Callable[[int], None]) -> None:
    """Read all test cases of ``source``, going on where an earlier try was killed.

    Args:
        source: A folder or an archive of test cases.
        folder: The imported data set.
        journal: Its journal; damaged members become its faults.
        advance: Called with the number of bytes read, now and then.

    Raises:
        SandboxError: The archive ends too early or can't be read; what was read before is safe.
    """
    done, complete = journal.begin(source.name, source.stamp)
    if complete:
        return
    writer = ContentWriter(folder, journal, source.name)
    members = _in_archive(source.path, advance) if source.kind == "archive" else _in_folder(source.path, advance)
    count = 0
    for count, (name, size, content) in enumerate(members, start=1):
        match = _TEST.fullmatch(name)
        if count <= done or match is None or name.rpartition("/")[2].startswith("."):
            continue
        where = f"{source.name}, {name}"
        if size > MAX_TEST_BYTES:
            journal.add_fault(source.name, f"{where}: {size} bytes; at most {MAX_TEST_BYTES} are taken")
            continue
        writer.add(source.test_folder, match["problem"], match["test"], match["kind"], content)
        if writer.is_full:
            writer.commit(count)
    writer.commit(count, done=True)


def _in_folder(path: Path, advance: Callable[[int], None]) -> Iterator[Member]:
    for problem in sorted(child for child in path.iterdir() if child.is_dir()):
        for file in sorted(problem.iterdir()):
            if not file.is_file():
                continue
            size = file.stat().st_size
            yield f"{problem.name}/{file.name}", size, file.read_bytes() if size <= MAX_TEST_BYTES else b""
            advance(size)


def _in_archive(path: Path, advance: Callable[[int], None]) -> Iterator[Member]:
    members = 0
    archive: Any
    try:
        with path.open("rb") as raw:
            counted = _Counted(raw, advance)
            magic = raw.read(2)
            raw.seek(0)
            stream: Any = _MAGIC[magic](counted) if magic in _MAGIC else counted
            with tarfile.open(fileobj=stream, mode="r|") as archive:
                for member in archive:
                    members += 1
                    archive.members = []  # tarfile would keep a record of every member
                    if member.isfile():
                        yield member.name, member.size, _read(archive, member)
            # tarfile takes a damaged header for the end; what follows a true end is nothing or zeros.
            while rest := stream.read(1 << 20):
                if rest.strip(b"\0"):
                    raise tarfile.ReadError("a damaged header")
    except _BROKEN as error:
        raise SandboxError(
            f"{path.name} is damaged or incomplete after {members} members ({error}); download it again"
        ) from None


def _read(archive: Any, member: tarfile.TarInfo) -> bytes:
    if member.size > MAX_TEST_BYTES:
        return b""
    content: bytes = archive.extractfile(member).read()
    if len(content) < member.size:
        raise tarfile.ReadError("unexpected end of data")
    return content


class _Counted:
    """A file that tells how far it has been read."""

    def __init__(self, file: IO[bytes], advance: Callable[[int], None]) -> None:
        self._file, self._advance = file, advance

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self._advance(len(data))
        return data

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)
