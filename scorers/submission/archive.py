"""The ZIP file around a bundle: written the same way every time, and read without ever unpacking anything.

A bundle is a stranger's file. Its members are read into memory by name, up to a limit; no path from the archive is ever
used, nothing of it is written to disk, and nothing in it is executed here.
"""

from __future__ import annotations

import stat
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

from sandbox.types import SandboxError

MEBIBYTE = 1 << 20

LIMITS = {
    "manifest.json": 1 * MEBIBYTE,
    "generations.jsonl": 1024 * MEBIBYTE,
    "sources.jsonl": 512 * MEBIBYTE,
    "verdicts.jsonl": 1024 * MEBIBYTE,
    "figures.json": 1 * MEBIBYTE,
}
"""The members of a bundle, and how large each may be unpacked."""

LARGEST_ARCHIVE = 1024 * MEBIBYTE
_EPOCH = (1980, 1, 1, 0, 0, 0)
_CHUNK = 1 * MEBIBYTE


class BundleError(SandboxError):
    """A bundle is damaged, altered, or not what it says. The message names the reason."""


def write_archive(path: Path, members: Mapping[str, bytes]) -> None:
    """Write ``members`` in their order, without times, owners or anything else that differs between two runs.

    Raises:
        SandboxError: The file can't be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
            for name, content in members.items():
                info = zipfile.ZipInfo(name, _EPOCH)
                info.compress_type = zipfile.ZIP_DEFLATED
                info.create_system = 3
                info.external_attr = (stat.S_IFREG | 0o644) << 16
                archive.writestr(info, content)
    except OSError as error:
        raise SandboxError(f"can't write {path}: {error.strerror or error}") from None


def read_archive(path: Path, limits: Mapping[str, int] = LIMITS) -> dict[str, bytes]:
    """The members of a bundle.

    Raises:
        BundleError: The file is no ZIP archive, is cut short, or holds anything but the expected regular files.
        SandboxError: The file can't be read.
    """
    try:
        file = path.open("rb")
    except OSError as error:
        raise SandboxError(f"can't read {path}: {error.strerror or error}") from None
    with file:
        size = path.stat().st_size
        if size > LARGEST_ARCHIVE:
            raise BundleError(f"{path}: {size} bytes are more than a bundle may have ({LARGEST_ARCHIVE})")
        try:
            with zipfile.ZipFile(file) as archive:
                _check_members(path, archive, limits)
                return {name: _read(path, archive, name, limit) for name, limit in limits.items()}
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError) as error:
            # An archive whose offsets lead nowhere makes the library seek there: OSError or ValueError.
            raise BundleError(f"{path}: damaged or not a ZIP archive ({error})") from None


def _check_members(path: Path, archive: zipfile.ZipFile, limits: Mapping[str, int]) -> None:
    seen: set[str] = set()
    for info in archive.infolist():
        name, kind = info.orig_filename, stat.S_IFMT(info.external_attr >> 16)
        if kind not in (0, stat.S_IFREG):
            raise BundleError(
                f"{path}: member {name!r} is a {'symbolic link' if kind == stat.S_IFLNK else 'special file'}"
            )
        if name not in limits:
            raise BundleError(f"{path}: unexpected member {name[:100]!r}; a bundle holds {', '.join(limits)} alone")
        if name in seen:
            raise BundleError(f"{path}: member {name!r} is there twice")
        if info.flag_bits & 0x1:
            raise BundleError(f"{path}: member {name!r} is encrypted")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise BundleError(f"{path}: member {name!r} is packed by an unexpected method ({info.compress_type})")
        if info.file_size > limits[name]:
            raise BundleError(f"{path}: member {name!r} has {info.file_size} bytes; {limits[name]} are allowed")
        seen.add(name)
    missing = [name for name in limits if name not in seen]
    if missing:
        raise BundleError(f"{path}: member {missing[0]!r} is missing")


def _read(path: Path, archive: zipfile.ZipFile, name: str, limit: int) -> bytes:
    """A member, counted while it is unpacked: what an archive says of its own sizes is a claim."""
    parts, length = [], 0
    with archive.open(name) as member:
        while part := member.read(_CHUNK):
            length += len(part)
            if length > limit:
                raise BundleError(f"{path}: member {name!r} unpacks to more than the {limit} bytes allowed")
            parts.append(part)
    return b"".join(parts)
