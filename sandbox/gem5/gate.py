"""Every host call that gem5 makes for a simulated program passes here: the first look at standard input is found
exactly.

gem5's system-call emulation turns the program's calls into calls on the host. A seccomp filter lets those through
that can't depend on the input (memory, output, reading libraries) and traps all others, so nothing has to be known of
how gem5, or a library, words a call: what isn't known to be independent of the input counts as a look. At the first
look a callback runs in the middle of the call, and the gate is where the simulator forks; the call then goes on in
each child, on its own input.

The gate also closes the ways from one run to another, and to the simulator itself: files can't be created, changed or
opened for writing, bar a few devices.

Runs inside gem5's own Python; x86-64 Linux only; needs no compiler. One thread only.
"""

from __future__ import annotations

import ctypes
import errno
import mmap
import os
import signal
import struct
from collections.abc import Callable

_NR = {
    "read": 0, "write": 1, "open": 2, "close": 3, "stat": 4, "fstat": 5, "lstat": 6, "poll": 7, "lseek": 8, "mmap": 9,
    "mprotect": 10, "munmap": 11, "brk": 12, "rt_sigaction": 13, "rt_sigprocmask": 14, "rt_sigreturn": 15,
    "pread64": 17, "readv": 19, "writev": 20, "access": 21, "sched_yield": 24, "mremap": 25, "msync": 26,
    "mincore": 27, "madvise": 28,
    "dup2": 33, "nanosleep": 35, "getpid": 39, "recvmsg": 47, "clone": 56, "fork": 57, "exit": 60, "wait4": 61,
    "truncate": 76, "ftruncate": 77, "rename": 82, "mkdir": 83, "rmdir": 84, "creat": 85, "link": 86,
    "unlink": 87, "symlink": 88, "readlink": 89, "chmod": 90, "fchmod": 91, "chown": 92, "fchown": 93,
    "lchown": 94, "gettimeofday": 96, "getrusage": 98, "getuid": 102, "sigaltstack": 131, "utime": 132,
    "mknod": 133, "gettid": 186, "setxattr": 188, "lsetxattr": 189, "fsetxattr": 190, "time": 201, "futex": 202,
    "set_tid_address": 218, "clock_gettime": 228, "clock_nanosleep": 230, "exit_group": 231, "tgkill": 234,
    "utimes": 235, "openat": 257, "mkdirat": 258, "mknodat": 259, "fchownat": 260, "futimesat": 261,
    "newfstatat": 262, "unlinkat": 263, "renameat": 264, "linkat": 265, "symlinkat": 266, "readlinkat": 267,
    "fchmodat": 268, "faccessat": 269, "set_robust_list": 273, "utimensat": 280, "fallocate": 285,
    "renameat2": 316, "memfd_create": 319, "statx": 332, "rseq": 334, "io_uring_setup": 425, "clone3": 435,
    "openat2": 437, "faccessat2": 439, "fchmodat2": 452,
}  # fmt: skip
"""Numbers of x86-64 Linux's system calls, of those that are named below."""

_FREE = (
    "mprotect", "munmap", "brk", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sched_yield", "mremap", "msync",
    "mincore", "madvise", "nanosleep", "getpid", "clone", "fork", "exit", "wait4", "gettimeofday", "getrusage",
    "getuid", "sigaltstack", "gettid", "time", "futex", "set_tid_address", "clock_gettime", "clock_nanosleep",
    "exit_group", "tgkill", "set_robust_list", "rseq", "clone3",
)  # fmt: skip
"""Calls without a descriptor or a path: they can't depend on the input. gem5's memory allocator makes some of them
while it holds its locks, ``mincore`` among them (tcmalloc notes where it grows; libunwind asks whether the stack's pages
are there): trapped, they would never return, as the handler allocates memory, too."""

_ON_DESCRIPTOR = ("read", "write", "close", "fstat", "lseek", "pread64", "readv", "writev", "recvmsg")
"""Calls on one descriptor, their first argument: independent of the input unless that is 0. No other number can name
the input, as every call that could make one (``dup``, ``open`` ...) is trapped."""

_CHANGES = (
    "truncate", "ftruncate", "rename", "mkdir", "rmdir", "creat", "link", "unlink", "symlink", "chmod", "fchmod",
    "chown", "fchown", "lchown", "utime", "mknod", "setxattr", "lsetxattr", "fsetxattr", "utimes", "mkdirat",
    "mknodat", "fchownat", "futimesat", "unlinkat", "renameat", "linkat", "symlinkat", "fchmodat", "utimensat",
    "fallocate", "renameat2", "memfd_create", "io_uring_setup", "openat2", "fchmodat2",
)  # fmt: skip
"""Calls that could leave something behind for another run; they fail, as on a read-only file system."""

_PATH_ARGUMENT = {
    "open": 0, "stat": 0, "lstat": 0, "access": 0, "readlink": 0, "openat": 1, "newfstatat": 1, "readlinkat": 1,
    "faccessat": 1, "statx": 1, "faccessat2": 1,
}  # fmt: skip

_LIBRARIES = ("/lib/", "/lib64/", "/usr/lib/", "/usr/lib64/", "/usr/local/lib/", "/etc/ld.so.")
"""Where the dynamic loader reads. A look at any other path counts as a look at the input."""

_WRITABLE = ("/dev/null", "/dev/stdout", "/dev/stderr", "/dev/fd/1", "/dev/fd/2", "/proc/self/fd/1", "/proc/self/fd/2")

_SECCOMP_DATA_NR, _SECCOMP_DATA_IP, _SECCOMP_DATA_ARGS = 0, 8, 16
_LD, _JEQ, _JGE, _JSET, _RET = 0x20, 0x15, 0x35, 0x45, 0x06
_TRAP, _ALLOW = 0x00030000, 0x7FFF0000
_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 38, 22, 2
_SA_SIGINFO, _SA_NODEFER = 4, 0x40000000

_GREGS = 40
"""Offset of the saved registers in a ``ucontext_t``."""
_RAX = _GREGS + 13 * 8
_ARGUMENTS = tuple(_GREGS + register * 8 for register in (8, 9, 12, 2, 0, 1))
"""Saved rdi, rsi, rdx, r10, r8, r9."""

_STUB = bytes.fromhex("4889f84889f74889d64889ca4d89c24d89c84c8b4c24080f05c3")
"""``syscall(number, ...)``: moves the C call's arguments to where the kernel wants them. The filter knows its
address."""
_STUB_SYSCALL_END = len(_STUB) - 1


class _SigAction(ctypes.Structure):
    _fields_ = (
        ("handler", ctypes.c_void_p),
        ("mask", ctypes.c_ulong * 16),
        ("flags", ctypes.c_int),
        ("restorer", ctypes.c_void_p),
    )


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


_HANDLER = ctypes.CFUNCTYPE(None, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)


class Gate:
    """Watches the host calls of this process from :meth:`close_behind` on.

    Args:
        at_first_look: Called once, in the middle of the first call that could depend on standard input. May fork: the
        call
            goes on in whichever process returns.
    """

    def __init__(self, at_first_look: Callable[[], None]) -> None:
        self._at_first_look = at_first_look
        self.looked = False
        self._page = mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
        self._page.write(_STUB)
        self._stub_address = ctypes.addressof(ctypes.c_char.from_buffer(self._page))
        self._call = ctypes.CFUNCTYPE(ctypes.c_long, *[ctypes.c_long] * 7)(self._stub_address)
        self._handler = _HANDLER(self._on_trap)

    def close_behind(self) -> None:
        """Install the filter; there is no way back for this process and its children."""
        libc = ctypes.CDLL(None, use_errno=True)
        action = _SigAction(ctypes.cast(self._handler, ctypes.c_void_p), flags=_SA_SIGINFO | _SA_NODEFER)
        if libc.sigaction(signal.SIGSYS, ctypes.byref(action), None) != 0:
            raise OSError(ctypes.get_errno(), "sigaction")
        code = _filter(self._stub_address + _STUB_SYSCALL_END)
        program = _Program(len(code) // 8, ctypes.cast(ctypes.create_string_buffer(code, len(code)), ctypes.c_void_p))
        libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        if libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "seccomp filters are not available here")

    def call(self, name: str, *arguments: int) -> int:
        """Make a system call past the filter.

        Returns:
            The kernel's answer: minus an error number where it failed.
        """
        padded = (*arguments, 0, 0, 0, 0, 0, 0)[:6]
        return int(self._call(_NR[name], *padded))

    def _on_trap(self, _signal: int, info: int, context: int) -> None:
        try:
            number = ctypes.c_int.from_address(info + 24).value
            arguments = [ctypes.c_long.from_address(context + offset).value for offset in _ARGUMENTS]
            answer = ctypes.c_long.from_address(context + _RAX)
            answer.value = self._answer(number, arguments)
        except BaseException as error:  # an exception can't leave a signal handler
            os.write(2, f"gate: {error!r}\n".encode())
            os._exit(70)

    def _answer(self, number: int, arguments: list[int]) -> int:
        name = _NAMES.get(number, "")
        if name in _CHANGES:
            return -errno.EROFS
        path = _path(name, arguments)
        if path is not None and _opens_for_writing(name, arguments) and path not in _WRITABLE:
            return -errno.EROFS
        if not self.looked and not _is_independent(name, arguments, path):
            self.looked = True
            self._at_first_look()
        return int(self._call(number, *arguments))


_NAMES = {number: name for name, number in _NR.items()}


def _path(name: str, arguments: list[int]) -> str | None:
    if name not in _PATH_ARGUMENT:
        return None
    address = arguments[_PATH_ARGUMENT[name]]
    return os.fsdecode(ctypes.string_at(address)) if address else None


def _opens_for_writing(name: str, arguments: list[int]) -> bool:
    if name not in ("open", "openat"):
        return False
    flags = arguments[_PATH_ARGUMENT[name] + 1]
    return bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC))


def _is_independent(name: str, arguments: list[int], path: str | None) -> bool:
    """Whether a trapped call can't depend on the input: it reads a library's path, or asks after other descriptors."""
    if name == "poll":  # gem5 v20.1 polls a descriptor before it reads from it
        return 0 not in _polled(*arguments[:2])
    if path == "" and name in ("newfstatat", "statx"):
        return arguments[0] & 0xFFFFFFFF >= 3
    return path is not None and path.startswith(_LIBRARIES) and ".." not in path


def _polled(address: int, count: int) -> list[int]:
    """The descriptors of a ``poll``."""
    return [descriptor for descriptor, _ in struct.iter_unpack("=ii", ctypes.string_at(address, 8 * count))]


def _filter(stub_return: int) -> bytes:
    """The BPF program: allow what can't depend on the input and what comes from the gate's own stub; trap the rest."""
    code: list[tuple[int, int, int, int]] = []

    def allow_if(*tests: tuple[int, int, int, bool]) -> None:
        """Allow when all tests hold, each (offset of the word, jump, operand, wanted outcome)."""
        for position, (offset, jump, operand, wanted) in enumerate(tests):
            beyond = 2 * (len(tests) - position - 1) + 1
            code.append((_LD, 0, 0, offset))
            code.append((jump, 0, beyond, operand) if wanted else (jump, beyond, 0, operand))
        code.append((_RET, 0, 0, _ALLOW))

    def argument(index: int) -> int:
        return _SECCOMP_DATA_ARGS + 8 * index

    allow_if(
        (_SECCOMP_DATA_IP, _JEQ, stub_return & 0xFFFFFFFF, True), (_SECCOMP_DATA_IP + 4, _JEQ, stub_return >> 32, True)
    )
    for name in _FREE:
        allow_if((_SECCOMP_DATA_NR, _JEQ, _NR[name], True))
    for name in _ON_DESCRIPTOR:
        allow_if((_SECCOMP_DATA_NR, _JEQ, _NR[name], True), (argument(0), _JEQ, 0, False))
    allow_if((_SECCOMP_DATA_NR, _JEQ, _NR["mmap"], True), (argument(3), _JSET, mmap.MAP_ANONYMOUS, True))
    allow_if((_SECCOMP_DATA_NR, _JEQ, _NR["mmap"], True), (argument(4), _JGE, 3, True))
    code.append((_RET, 0, 0, _TRAP))
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in code)
