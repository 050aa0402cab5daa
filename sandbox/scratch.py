"""Scratch folders that outlive nobody: what a killed harness leaves is removed by the next one.

Each process has one folder under ``TMPDIR/pie-UID``, held by a lock that the kernel drops when the process dies, however
it dies. Whoever makes a folder first removes those that nobody holds.
"""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import os
import shutil
import stat
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

from sandbox.types import SandboxError

_guard = threading.Lock()
_own: dict[int, Path] = {}
"""Process id -> its folder; a forked child must not use its parent's."""


def scratch_folder() -> Path:
    """This process's folder; it is gone when the process ends.

    Other users may pass through it, as contained programs do, but not list it.

    Raises:
        SandboxError: There is no place for it.
    """
    with _guard:
        folder = _own.get(os.getpid())
        if folder is None or not folder.is_dir():
            try:
                folder = _own[os.getpid()] = _make()
            except OSError as error:
                raise SandboxError(f"can't make a folder for temporary files ({error}); set TMPDIR") from None
        return folder


def borrow(folder: Path) -> None:
    """Use another process's folder as this one's: what stays in it goes when that one ends."""
    with _guard:
        _own[os.getpid()] = folder


def abandoned(folder: Path) -> bool:
    """Whether ``folder`` was the scratch folder of a process of this machine that is dead."""
    try:
        with _locked(folder, wait=False):
            return True
    except FileNotFoundError:
        return True
    except OSError:
        return False


def sweep() -> None:
    """Remove the folders of dead processes."""
    base = _base()
    if not base.is_dir():
        return
    with _locked(base):
        for folder in base.iterdir():
            with contextlib.suppress(OSError), _locked(folder, wait=False):
                shutil.rmtree(folder, ignore_errors=True)


def _base() -> Path:
    return Path(tempfile.gettempdir()) / f"pie-{os.geteuid()}"


def _make() -> Path:
    base = _base()
    with contextlib.suppress(FileExistsError):
        base.mkdir(mode=0o711)
    status = base.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid():
        raise SandboxError(f"{base} is not this user's; remove it or set TMPDIR")
    base.chmod(0o711)
    sweep()
    with _locked(base):
        folder = Path(tempfile.mkdtemp(prefix=f"{os.getpid()}-", dir=base))
        folder.chmod(0o711)
        # Held until the process ends; contained programs don't inherit it.
        fcntl.flock(os.open(folder, os.O_RDONLY | os.O_DIRECTORY), fcntl.LOCK_EX)
    atexit.register(_remove, folder, os.getpid())
    return folder


def _remove(folder: Path, owner: int) -> None:
    if os.getpid() == owner:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _locked(folder: Path, wait: bool = True) -> Iterator[None]:
    """Hold the lock of ``folder``.

    Raises:
        OSError: Somebody else holds it and ``wait`` is false, or the folder has just been removed.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        yield
    finally:
        os.close(descriptor)
