"""No isolation, for machines where none works: a command runs as whoever runs the harness, with all that they can do.

What is left are the limits on each process, the system-call filters, and the end of the whole process tree. Paths inside
are replaced by those on the host, so only the machine's own root can be used. Under root, programs are root.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from sandbox.isolation import ISOLATIONS
from sandbox.isolation.base import Command, Completed
from sandbox.isolation.seccomp import filters
from sandbox.isolation.streams import memory_file, open_stdin
from sandbox.isolation.supervise import Tree, kernel_limits, watch
from sandbox.scratch import scratch_folder
from sandbox.toolchain.base import ToolchainRoot
from sandbox.types import SandboxError

_SUPERVISOR = Path(__file__).parent / "uncontained.py"
_BEFORE, _AFTER = r"(^-I|^|[=:,])", r"(?=$|[/:,])"
"""What stands around a path in an argument or a variable."""
_SIGKILL = 9


@ISOLATIONS.register("none")
class Uncontained:
    """Runs each command beside the harness."""

    name = "none"
    contains = False
    limits_tree = False

    def check(self) -> None:
        scratch_folder()

    def fingerprint(self) -> Mapping[str, str]:
        return {"isolation": self.name}

    def run(self, command: Command) -> Completed:
        with contextlib.ExitStack() as stack:
            stdin = open_stdin(command.stdin, stack)
            plan = _plan(command)
            lifeline_read, lifeline_write = os.pipe()
            status_read, status_write = os.pipe()
            status_file = stack.enter_context(open(status_read, "rb"))  # noqa: PTH123  (a descriptor)
            process = stack.enter_context(_start((plan, lifeline_read, status_write), stdin))
            lifeline = stack.enter_context(open(lifeline_write, "wb"))  # noqa: PTH123

            def end() -> None:
                lifeline.close()
                process.wait()

            main = os.pidfd_open(process.pid)
            stack.callback(os.close, main)
            assert process.stdout is not None and process.stderr is not None
            watched = watch(Tree(process.stdout, process.stderr, process.pid, main, end), command.limits)
            record = json.loads(status_file.read() or b"{}")
        if record.get("complaint"):
            raise SandboxError(record["complaint"])
        # Without a word the program has killed the process that watched it: the same to us as if it had killed itself.
        status = record.get("status", -_SIGKILL)
        number = -status if status is not None and status < 0 else None
        exit_code = status if number is None else None
        return watched.completed(exit_code, number, record.get("cpu_seconds", 0.0), command.limits)

    def popen(self, command: Command) -> subprocess.Popen[bytes]:
        return _start((_plan(command),), subprocess.PIPE)


def _start(descriptors: tuple[int, ...], stdin: int) -> subprocess.Popen[bytes]:
    """Start a supervisor with the descriptors of its plan, lifeline and status, which are closed here."""
    try:
        return subprocess.Popen(
            [sys.executable, "-I", "-S", str(_SUPERVISOR), *map(str, descriptors)],
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=descriptors,
            env={},
            cwd="/",
        )
    finally:
        for descriptor in descriptors:
            os.close(descriptor)


def _plan(command: Command) -> int:
    """A descriptor of what the supervisor is to do; it also removes the command's folder at the end."""
    require_host(command.root)
    folder = Path(tempfile.mkdtemp(prefix="uncontained-", dir=scratch_folder()))
    places = {**command.readonly, **command.writable}
    for inside in (command.cwd, "/tmp"):
        if inside not in places:
            places[inside] = folder / inside.strip("/").replace("/", "-")
            places[inside].mkdir()
    for inside, outside in command.readonly.items():
        if str(Path(inside).parent) == command.cwd and outside.is_file():  # it is called by its name alone
            place = places[command.cwd] / Path(inside).name
            shutil.copyfile(outside, place)
            place.chmod(0o555)
            places[inside] = place
    plan = {
        "argv": [_on_the_host(argument, places) for argument in command.argv],
        "env": {name: _on_the_host(value, places) for name, value in command.env.items()},
        "cwd": str(places[command.cwd]),
        "folder": str(folder),
        "limits": [(which, soft, hard) for which, (soft, hard) in kernel_limits(command.limits).items()],
        "filters": [base64.b64encode(one).decode() for one in filters(command)],
    }
    return memory_file("plan", json.dumps(plan).encode())


def _on_the_host(text: str, places: Mapping[str, Path]) -> str:
    """``text`` with paths inside replaced by the host's, the longest first."""
    names = "|".join(re.escape(inside) for inside in sorted(places, key=len, reverse=True))
    return re.sub(f"{_BEFORE}({names}){_AFTER}", lambda found: found[1] + str(places[found[2]]), text)


def require_host(root: ToolchainRoot) -> None:
    """Raise :class:`SandboxError` where programs would need another root than the machine's own."""
    if root.path.resolve() != Path("/"):
        raise SandboxError(f"isolation 'none' can't show programs the root {root.name}; use the toolchain 'host'")
