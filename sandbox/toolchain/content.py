"""The hash of a root's whole content: what makes two roots the same."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from sandbox.paths import default_cache

FOLDERS = ("bin", "etc", "lib", "lib32", "lib64", "libx32", "sbin", "usr")
"""The parts of a root that programs can see."""


def content_sha256(root: Path) -> str:
    """Hash of names, kinds, executable bits, link targets and contents under ``root``.

    Reading it all takes seconds, so the hash is remembered for as long as no file's size, time or inode changes.
    """
    seen = hashlib.sha256()
    for path, status in _walk(root):
        seen.update(f"{path}\0{status.st_mode}\0{status.st_size}\0{status.st_mtime_ns}\0{status.st_ino}\n".encode())
    place = default_cache() / "content" / f"{hashlib.sha256(str(root.resolve()).encode()).hexdigest()[:16]}.json"
    with contextlib.suppress(OSError, ValueError):
        memory = json.loads(place.read_text())
        if memory["seen"] == seen.hexdigest():
            return str(memory["content"])
    content = _content(root)
    with contextlib.suppress(OSError):  # a cache that can't be written costs time only
        place.parent.mkdir(parents=True, exist_ok=True)
        partial = place.with_suffix(f".{os.getpid()}")
        partial.write_text(json.dumps({"seen": seen.hexdigest(), "content": content}))
        partial.replace(place)
    return content


def _content(root: Path) -> str:
    whole = hashlib.sha256()
    for path, status in _walk(root):
        if stat.S_ISLNK(status.st_mode):
            what = f"link {Path(path).readlink()}"
        elif stat.S_ISREG(status.st_mode):
            executable = "program" if status.st_mode & stat.S_IXUSR else "file"
            what = f"{executable} {hashlib.sha256(Path(path).read_bytes()).hexdigest()}"
        else:
            what = "folder" if stat.S_ISDIR(status.st_mode) else "other"
        whole.update(f"{path.removeprefix(f'{root}/')}\0{what}\n".encode(errors="surrogateescape"))
    return whole.hexdigest()


def _walk(root: Path) -> Iterator[tuple[str, os.stat_result]]:
    """Everything under ``root`` that programs can see, in an order that depends on names alone.

    Every evaluation starts with it, so paths are plain strings here.
    """
    todo = [f"{root}/{name}" for name in reversed(FOLDERS) if os.path.lexists(root / name)]
    while todo:
        path = todo.pop()
        status = os.lstat(path)
        yield path, status
        if stat.S_ISDIR(status.st_mode):
            with os.scandir(path) as entries:
                todo += sorted((entry.path for entry in entries), reverse=True)
