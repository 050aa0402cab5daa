"""Stands between the harness and a command without containment, and sees that nothing of the command is left.

    python -I -S uncontained.py PLAN [LIFELINE STATUS]

PLAN is an inherited file with what to start, as JSON. LIFELINE is a pipe: when its other end is closed, by the harness's
will or death, the command ends. To the pipe STATUS goes, when all of the command is dead, how it ended. Without the two,
this process's own end is the command's, and its exit status is the command's as shells give it.

Orphans of the command become children of this process, so that they are found. It imports only what starts quickly.
"""

from __future__ import annotations

import base64
import contextlib
import ctypes
import json
import os
import resource
import select
import shutil
import signal
import struct
import sys
import time
from typing import Any, NoReturn

_SET_SECCOMP, _SET_CHILD_SUBREAPER, _SET_NO_NEW_PRIVILEGES = 22, 36, 38
_FILTER_MODE = 2
_NOT_STARTED, _FAILED = 127, 70

_libc = ctypes.CDLL(None, use_errno=True)


def main() -> None:
    """Start the command, see it end, tell how."""
    plan_file, *pipes = (int(text) for text in sys.argv[1:])
    with open(plan_file, "rb") as file:  # noqa: PTH123  (a descriptor)
        plan = json.load(file)
    lifeline, status_file = pipes or _stay_outside()
    for descriptor in (lifeline, status_file):
        os.set_inheritable(descriptor, False)
    _control(_SET_CHILD_SUBREAPER, 1)
    failure_read, failure_write = os.pipe()
    command = os.fork()
    if command == 0:
        _become(plan, failure_write)
    os.close(failure_write)
    for stream in range(3):
        os.close(stream)
    with open(failure_read, encoding="utf-8", errors="replace") as failure:  # noqa: PTH123  (a descriptor)
        complaint = failure.read()
    descriptor = os.pidfd_open(command)
    select.select([descriptor, lifeline], [], [])
    ended = bool(select.select([descriptor], [], [], 0)[0])
    with contextlib.suppress(ProcessLookupError):
        os.kill(command, signal.SIGKILL)
    _, status, used = os.wait4(command, 0)
    _end_the_rest()
    shutil.rmtree(plan["folder"], ignore_errors=True)
    record = {
        "complaint": complaint,
        "status": os.waitstatus_to_exitcode(status) if ended else None,
        "cpu_seconds": used.ru_utime + used.ru_stime,
    }
    with contextlib.suppress(BrokenPipeError):
        os.write(status_file, json.dumps(record).encode())


def _stay_outside() -> tuple[int, int]:
    """Go on in a child; this process waits for it, and the child's lifeline is this process's life."""
    lifeline_read, lifeline_write = os.pipe()
    status_read, status_write = os.pipe()
    if os.fork() == 0:
        os.close(lifeline_write)
        os.close(status_read)
        return lifeline_read, status_write
    os.close(status_write)
    for stream in range(2):
        os.close(stream)
    with open(status_read, "rb") as file:  # noqa: PTH123  (a descriptor)
        record = json.loads(file.read() or b"{}")
    if record.get("complaint"):
        os.write(2, record["complaint"].encode())
    code = record.get("status")
    os._exit(_FAILED if code is None else code if code >= 0 else 128 - code)


def _become(plan: dict[str, Any], failure: int) -> NoReturn:
    """Turn this process into the command; what goes wrong before is written to ``failure``."""
    try:
        os.setsid()
        for number in (signal.SIGPIPE, signal.SIGXFSZ):  # Python ignores them
            signal.signal(number, signal.SIG_DFL)
        os.chdir(plan["cwd"])
        for which, soft, hard in plan["limits"]:
            _, ceiling = resource.getrlimit(which)
            most = float("inf") if ceiling == resource.RLIM_INFINITY else ceiling
            resource.setrlimit(which, (int(min(soft, most)), int(min(hard, most))))
        _control(_SET_NO_NEW_PRIVILEGES, 1)
        for text in plan["filters"]:
            _filter(base64.b64decode(text))
    except OSError as error:
        os.write(failure, f"isolation failed: {error.strerror or error}".encode())
        os._exit(_FAILED)
    try:
        os.execvpe(plan["argv"][0], plan["argv"], plan["env"])
    except OSError as error:
        os.write(2, f"can't start {plan['argv'][0]}: {error.strerror}\n".encode())
    os._exit(_NOT_STARTED)


def _filter(steps: bytes) -> None:
    """Put a system-call filter into force."""
    code = ctypes.create_string_buffer(steps, len(steps))
    program = ctypes.create_string_buffer(struct.pack("@HP", len(steps) // 8, ctypes.addressof(code)))
    _control(_SET_SECCOMP, _FILTER_MODE, ctypes.addressof(program))


def _control(option: int, *arguments: int) -> None:
    padded = [ctypes.c_ulong(argument) for argument in (*arguments, 0, 0, 0, 0)[:4]]
    if _libc.prctl(option, *padded) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _end_the_rest() -> None:
    """Kill and bury all that is left of the command, until there is nothing."""
    while True:
        for process in _descendants(os.getpid()):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(process, signal.SIGKILL)
        try:
            while os.waitpid(-1, os.WNOHANG)[0] != 0:
                pass
        except ChildProcessError:
            return
        time.sleep(0.001)  # the kernel may need a moment to end them


def _descendants(process: int) -> list[int]:
    found, todo = [], [process]
    while todo:
        with contextlib.suppress(OSError), open(f"/proc/{(one := todo.pop())}/task/{one}/children") as file:  # noqa: PTH123
            children = [int(child) for child in file.read().split()]
            found += children
            todo += children
    return found


if __name__ == "__main__":
    main()
