"""The gate between a simulator and the host, in a process of its own: what counts as a look, and what is refused.

No gem5 is needed: the gate only sees system calls, and any process makes them.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

REPO = Path(__file__).parents[3]

CHILD = """
import ctypes, mmap, os, sys
sys.path.insert(0, {repo!r})
from sandbox.gem5.gate import Gate
libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
library = os.open({library!r}, os.O_RDONLY)
buffer = ctypes.create_string_buffer(4096)
looks = []
gate = Gate(lambda: looks.append(True))
gate.close_behind()
{action}
os.write(2, b"look" if looks else b"no look")
os._exit(0)
"""

LIBRARY = next(Path("/usr/lib").glob("**/libc.so.6"))


def run(action: str, stdin: bytes = b"hello\n") -> subprocess.CompletedProcess[bytes]:
    code = CHILD.format(repo=str(REPO), library=str(LIBRARY), action=action)
    return subprocess.run([sys.executable, "-c", code], input=stdin, capture_output=True, check=False, timeout=60)


@pytest.mark.parametrize(
    "action",
    [
        "libc.read(0, buffer, 10)",
        "libc.readv(0, buffer, 0)",
        "libc.pread(0, buffer, 10, 0)",
        "os.fstat(0)",
        "libc.lseek(0, 0, 1)",
        "libc.mmap(None, 4096, 1, 2, 0, 0)",
        "libc.poll(ctypes.byref(ctypes.c_ulong(0)), 1, 0)",
        "libc.poll(ctypes.byref((ctypes.c_ulong * 2)(library, 0)), 2, 0)",
        "libc.select(1, buffer, None, None, buffer)",
        "libc.ioctl(0, 0x541B, buffer)",
        "libc.fcntl(0, 3)",
        "libc.dup(0)",
        "libc.dup2(0, 9)",
        "libc.close(0)",
        "libc.sendfile(1, 0, None, 10)",
        "libc.splice(0, None, 1, None, 10, 0)",
        "os.open('/dev/stdin', os.O_RDONLY)",
        "os.open('/proc/self/fd/0', os.O_RDONLY)",
        "os.open('/usr/lib/../../proc/self/fd/0', os.O_RDONLY)",
        "os.readlink('/proc/self/fd/0')",
        "os.stat('/dev/stdin')",
        "os.access('/dev/fd/0', os.R_OK)",
        "os.listdir('/proc/self/fd')",
    ],
)
def test_everything_that_can_depend_on_the_input_is_a_look(action: str) -> None:
    result = run(action)
    assert result.stderr.startswith(b"look"), result


@pytest.mark.parametrize(
    "action",
    [
        "os.write(1, b'x')",
        "assert libc.mincore(ctypes.c_void_p(mmap.PAGESIZE), ctypes.c_size_t(1), buffer) == -1",
        "assert libc.msync(ctypes.c_void_p(mmap.PAGESIZE), ctypes.c_size_t(1), 1) == -1",
        "os.read(library, 100)",
        "os.fstat(library)",
        "libc.mmap(None, 4096, 1, 2, library, 0)",
        "mmap.mmap(-1, 1 << 20)",
        f"os.read(os.open({str(LIBRARY)!r}, os.O_RDONLY), 4)",
        "os.access('/usr/lib/nothing', os.R_OK)",
        "libc.poll(ctypes.byref(ctypes.c_ulong(library)), 1, 0)",
        "import time; time.time(); time.sleep(0.001)",
        "pid = os.fork()\nif pid == 0: os._exit(0)\nos.waitpid(pid, 0)",
    ],
)
def test_what_a_dynamic_loader_and_output_do_is_none(action: str) -> None:
    result = run(action)
    assert result.stderr == b"no look", result


@pytest.mark.parametrize(
    "action",
    [
        "os.open('/tmp/pie-gate-test', os.O_WRONLY | os.O_CREAT)",
        "os.open('/proc/self/mem', os.O_RDWR)",
        "os.open('/dev/shm/pie-gate-test', os.O_RDWR | os.O_CREAT)",
        "os.mkdir('/tmp/pie-gate-test')",
        "os.symlink('a', '/tmp/pie-gate-test')",
        "os.memfd_create('pie-gate-test')",
        "os.unlink('/tmp/pie-gate-test')",
        "os.truncate('/tmp/pie-gate-test', 0)",
    ],
)
def test_nothing_can_be_left_behind(action: str) -> None:
    attempt = f"try:\n    {action}\nexcept OSError as error:\n    os.write(1, str(error.errno).encode())"
    for before in ("", "os.fstat(0)\n"):  # before the first look and after it
        assert run(before + attempt).stdout == b"30"


def test_a_call_goes_on_after_the_look_in_whoever_returns(tmp_path: Path) -> None:
    action = """
def look():
    for number in (1, 2):
        if os.fork() == 0:
            gate.call("lseek", 0, number, 0)
            return
        os.wait()
    os._exit(0)
gate._at_first_look = look
data = os.read(0, 100)
os.write(1, data)
"""
    # the file's position is shared here; a simulator gives each child an input of its own
    with (tmp_path / "input").open("w+b") as file:
        file.write(b"abcdef")
        file.flush()
        file.seek(0)
        code = CHILD.format(repo=str(REPO), library=str(LIBRARY), action=action)
        result = subprocess.run([sys.executable, "-c", code], stdin=file, capture_output=True, check=True, timeout=60)
    assert result.stdout == b"bcdefcdef"


def test_output_can_go_to_the_null_device() -> None:
    assert run("os.write(os.open('/dev/null', os.O_WRONLY), b'x')").returncode == 0
