"""Debian packages without Debian's tools: fetch them from a mirror and unpack them as an ordinary user."""

from __future__ import annotations

import functools
import hashlib
import io
import tarfile
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from sandbox.paths import make_enterable
from sandbox.types import SandboxError

Progress = Callable[[int, int, str], None]
"""Called with bytes done, bytes in all, and what is being done."""

_CHUNK = 1 << 18
_TIMEOUT_SECONDS = 60
_MERGED = {"bin": "usr/bin", "sbin": "usr/sbin", "lib": "usr/lib", "lib64": "usr/lib64"}
"""Folders of the root that are links into ``usr``, as in Debian 11 itself."""
_KEPT = ("usr/bin", "usr/sbin", "usr/lib", "usr/lib64", "usr/include")


@dataclass(frozen=True)
class Package:
    """One pinned binary package; ``file`` is its path on every mirror."""

    name: str
    version: str
    file: str
    bytes: int
    sha256: str


def fetch(packages: Sequence[Package], mirrors: Sequence[str], folder: Path, progress: Progress) -> list[Path]:
    """Download what isn't in ``folder`` yet; what is there stays for the next attempt.

    Raises:
        SandboxError: No mirror has a package with the pinned hash.
    """
    folder.mkdir(parents=True, exist_ok=True)
    total, done, paths = sum(package.bytes for package in packages), 0, []
    for package in packages:
        path = folder / f"{package.sha256}.deb"
        if not _intact(path, package):
            _download(package, mirrors, path, functools.partial(_report, progress, done, total, package.name))
        done += package.bytes
        progress(done, total, package.name)
        paths.append(path)
    return paths


def _report(progress: Progress, before: int, total: int, name: str, count: int) -> None:
    progress(before + count, total, name)


def unpack(package: Path, root: Path) -> None:
    """Unpack programs, libraries and headers of a package into ``root``, whose ``lib`` and so on lead into ``usr``.

    Raises:
        SandboxError: It isn't a Debian package, or holds a name that leads out of ``root``.
    """
    for name, target in _MERGED.items():
        make_enterable(root / target)
        if not (root / name).is_symlink():
            (root / name).symlink_to(target)
    with tarfile.open(fileobj=io.BytesIO(_data(package)), mode="r:*") as archive:
        for member in archive:
            inside = _inside(member.name)
            if inside is None:
                continue
            path = root / inside
            make_enterable(path.parent)
            if member.isdir():
                make_enterable(path)
            elif member.issym():
                path.symlink_to(member.linkname)
            elif member.islnk():
                source = _inside(member.linkname)
                if source is None:
                    raise SandboxError(f"{package.name} links to {member.linkname}, which isn't unpacked")
                path.hardlink_to(root / source)
            elif (content := archive.extractfile(member)) is not None:
                path.write_bytes(content.read())
                path.chmod(0o755 if member.mode & 0o100 else 0o644)


def _inside(name: str) -> PurePosixPath | None:
    """Where a package's entry goes, relative to the root; ``None`` for what isn't wanted."""
    path = PurePosixPath(name)
    parts = [part for part in path.parts if part not in (".", "/")]
    if ".." in parts:
        raise SandboxError(f"a package holds the name {name}, which leads out of the root")
    if parts and parts[0] in _MERGED:
        parts[:1] = _MERGED[parts[0]].split("/")
    inside = PurePosixPath(*parts)
    return inside if any(inside.is_relative_to(kept) for kept in _KEPT) else None


def _data(package: Path) -> bytes:
    """The compressed archive of files in a package, which is an ``ar`` archive of three members."""
    content = package.read_bytes()
    offset = 8
    while content[:8] == b"!<arch>\n" and offset + 60 <= len(content):
        header = content[offset : offset + 60]
        size = int(header[48:58])
        start = offset + 60
        if header.startswith(b"data.tar"):
            return content[start : start + size]
        offset = start + size + size % 2
    raise SandboxError(f"{package} is not a Debian package")


def _intact(path: Path, package: Package) -> bool:
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == package.sha256


def _download(package: Package, mirrors: Sequence[str], path: Path, progress: Callable[[int], None]) -> None:
    complaints = []
    partial = path.with_suffix(".partial")
    for mirror in mirrors:
        try:
            with partial.open("wb") as file:
                for chunk in _chunks(f"{mirror.rstrip('/')}/{package.file}"):
                    file.write(chunk)
                    progress(file.tell())
        except OSError as error:
            complaints.append(f"{mirror}: {error}")
            continue
        if _intact(partial, package):
            partial.replace(path)
            return
        complaints.append(f"{mirror}: another content than pinned")
    partial.unlink(missing_ok=True)
    raise SandboxError(
        f"can't download {package.name} {package.version} ({'; '.join(complaints)}); set PIE_DEBIAN_MIRROR to a mirror "
        "that has it"
    )


def _chunks(url: str) -> Iterator[bytes]:
    with urllib.request.urlopen(url, timeout=_TIMEOUT_SECONDS) as response:
        while chunk := response.read(_CHUNK):
            yield chunk
