"""System-call filters: what a contained program may not ask of the kernel, beyond what its namespaces take away.

A filter is a program of the kernel's classic BPF (``man 2 seccomp``), built here for x86-64 from a few rules. The other
instruction sets of the processor (32-bit, x32) are closed altogether, as their calls have other numbers.
"""

from __future__ import annotations

import errno
import functools
import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sandbox.isolation.base import Command

_LOAD, _JUMP_EQUAL, _JUMP_AT_LEAST, _JUMP_SET, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _ERROR = 0x7FFF0000, 0x00050000
_ARCH_X86_64, _X32_BIT = 0xC000003E, 0x40000000
_NUMBER, _ARCH, _CALLER, _ARGUMENT = 0, 4, 8, 16  # offsets in struct seccomp_data

CLONE, FORK, VFORK, EXECVE, EXECVEAT, CLONE3 = 56, 57, 58, 59, 322, 435
CHANGE_MODE = (90, 91, 188, 189, 190, 268, 452, 463)
"""chmod, fchmod, fchmodat, fchmodat2, and the ways to set an access control list."""

CLOSED = {
    # mounts, roots and namespaces
    "mount": 165,
    "umount2": 166,
    "pivot_root": 155,
    "chroot": 161,
    "open_tree": 428,
    "move_mount": 429,
    "fsopen": 430,
    "fsconfig": 431,
    "fsmount": 432,
    "fspick": 433,
    "mount_setattr": 442,
    "unshare": 272,
    "setns": 308,
    # other processes
    "ptrace": 101,
    "process_vm_readv": 310,
    "process_vm_writev": 311,
    "kcmp": 312,
    "pidfd_getfd": 438,
    # files without names, and what is said of them
    "name_to_handle_at": 303,
    "open_by_handle_at": 304,
    "fanotify_init": 300,
    # keys, which outlive processes
    "add_key": 248,
    "request_key": 249,
    "keyctl": 250,
    # programs and queues inside the kernel
    "bpf": 321,
    "perf_event_open": 298,
    "userfaultfd": 323,
    "io_uring_setup": 425,
    "io_uring_enter": 426,
    "io_uring_register": 427,
    "init_module": 175,
    "finit_module": 313,
    "delete_module": 176,
    "kexec_load": 246,
    "kexec_file_load": 320,
    # the machine
    "reboot": 169,
    "swapon": 167,
    "swapoff": 168,
    "acct": 163,
    "quotactl": 179,
    "syslog": 103,
    "iopl": 172,
    "ioperm": 173,
    "settimeofday": 164,
    "clock_settime": 227,
    "adjtimex": 159,
    "clock_adjtime": 305,
    "sethostname": 170,
    "setdomainname": 171,
}
"""System calls that no contained command may make."""

_CLONE_THREAD = 0x10000
_CLONE_NAMESPACES = 0x7E020000


@dataclass(frozen=True)
class _Step:
    """One BPF instruction; jumps are relative, in instructions."""

    code: int
    value: int
    if_true: int = 0
    if_false: int = 0

    def pack(self) -> bytes:
        return struct.pack("=HBBI", self.code, self.if_true, self.if_false, self.value)


def _error(number: int) -> _Step:
    return _Step(_RETURN, _ERROR | number)


def _native_calls_only() -> list[_Step]:
    """Steps that close the processor's other tables of system calls and leave the call's number to be looked at."""
    return [
        _Step(_LOAD, _ARCH),
        _Step(_JUMP_EQUAL, _ARCH_X86_64, if_true=1),
        _error(errno.ENOSYS),
        _Step(_LOAD, _NUMBER),
        _Step(_JUMP_AT_LEAST, _X32_BIT, if_false=1),
        _error(errno.ENOSYS),
        _Step(_JUMP_EQUAL, CLONE3, if_false=1),
        _error(errno.ENOSYS),  # programs fall back to clone, whose flags a filter can see
    ]


def _refused(numbers: Iterable[int]) -> Iterator[_Step]:
    """Steps that answer the calls ``numbers`` with ``EPERM`` and let all others go on."""
    for number in numbers:
        yield from (_Step(_JUMP_EQUAL, number, if_false=1), _error(errno.EPERM))


@functools.cache
def base_filter() -> bytes:
    """The filter of every contained command: no namespaces, no mounts, and none of the kernel's rarely used parts.

    Nobody has the privileges for most of these calls anyway; but what can't be called can't be attacked.
    """
    steps = [
        *_native_calls_only(),
        *_refused(CLOSED.values()),
        _Step(_JUMP_EQUAL, CLONE, if_false=3),
        _Step(_LOAD, _ARGUMENT),
        _Step(_JUMP_SET, _CLONE_NAMESPACES, if_false=1),
        _error(errno.EPERM),
        _Step(_RETURN, _ALLOW),
    ]
    return b"".join(step.pack() for step in steps)


def filters(command: Command) -> tuple[bytes, ...]:
    """All filters of a command; the kernel asks each of them."""
    return (base_filter(),) if command.seccomp is None else (base_filter(), command.seccomp)


def one_process_filter(callers: Sequence[range]) -> bytes:
    """A filter for a program that shall stay the one process that it is, and leave files' permissions alone.

    Threads are allowed. Code at the addresses ``callers`` (below 4 GiB) can't replace the program by another; whoever
    starts it, with the filter already in force, can.
    """
    steps = [
        *_native_calls_only(),
        *_refused((FORK, VFORK, *CHANGE_MODE)),
        _Step(_JUMP_EQUAL, CLONE, if_false=4),
        _Step(_LOAD, _ARGUMENT),
        _Step(_JUMP_SET, _CLONE_THREAD, if_true=1),
        _error(errno.EPERM),
        _Step(_RETURN, _ALLOW),
        _Step(_JUMP_EQUAL, EXECVE, if_true=2),
        _Step(_JUMP_EQUAL, EXECVEAT, if_true=1),
        _Step(_RETURN, _ALLOW),
        _Step(_LOAD, _CALLER + 4),
        _Step(_JUMP_EQUAL, 0, if_true=1),
        _Step(_RETURN, _ALLOW),
        _Step(_LOAD, _CALLER),
    ]
    for addresses in callers:
        steps += [
            _Step(_JUMP_AT_LEAST, addresses.start, if_false=2),
            _Step(_JUMP_AT_LEAST, addresses.stop, if_true=1),
            _error(errno.EPERM),
        ]
    steps.append(_Step(_RETURN, _ALLOW))
    return b"".join(step.pack() for step in steps)
