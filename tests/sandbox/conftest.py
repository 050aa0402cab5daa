"""What the sandbox's tests share: a private cache and store, and the smallest programs of every kind."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.scheduler import SandboxConfig
from sandbox.types import Limits, SandboxError, TestCase

DOUBLE = '#include <cstdio>\nint main() { int n; scanf("%d", &n); printf("%d\\n", 2 * n); }\n'
TESTS = tuple(TestCase(str(n), b"%d\n" % n, b"%d\n" % (2 * n)) for n in range(3))


@pytest.fixture
def config(tmp_path: Path) -> SandboxConfig:
    """The embedded engine on a store of this test's own."""
    from sandbox.scheduler.config import open_bench

    made = SandboxConfig(
        engine="cachegrind",
        toolchain="host",
        limits=Limits(cpu_seconds=2),
        store=tmp_path / "store.sqlite",
        cache=tmp_path / "cache",
    )
    try:
        open_bench(made)
    except SandboxError as error:
        pytest.skip(f"the sandbox can't measure here: {error}")
    return made


@pytest.fixture
def strict_umask() -> Iterator[None]:
    """New files and folders are this user's alone."""
    old = os.umask(0o077)
    yield
    os.umask(old)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of half a megabyte, where this machine lets us mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", folder]
    if os.geteuid() != 0 or subprocess.call(command, stderr=subprocess.DEVNULL) != 0:
        pytest.skip("mounting a file system needs root")
    yield folder
    subprocess.check_call(["umount", "-l", folder])
