"""Isolation by bubblewrap: namespaces, an empty root with read-only system folders, kernel limits, no privileges.

A command sees the system folders of its toolchain root, a private ``/proc``, four devices, an empty ``/tmp`` and its
working folder; it has no network, no capability and no way to gain one. A harness that is root drops to a real
unprivileged user first: a mere mapping to nobody would still be root to the kernel's per-user limits.

Limits are set from outside, while bubblewrap waits for leave to go on. So they hold for the contained tree alone (the
process limit counts inside its user namespace, not all that the user runs), and the root needs no helper program.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import json
import os
import platform
import re
import resource
import select
import shutil
import signal
import stat
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from sandbox.isolation import ISOLATIONS, cgroup
from sandbox.isolation.base import NOBODY, Command, Completed, ProcessLimits
from sandbox.isolation.seccomp import filters
from sandbox.isolation.streams import memory_file, open_stdin
from sandbox.isolation.supervise import Tree, kernel_limits, watch
from sandbox.paths import can_be_entered
from sandbox.scratch import abandoned, scratch_folder
from sandbox.toolchain.base import ToolchainRoot
from sandbox.types import SandboxError

_SYSTEM_FOLDERS = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")
_SYSTEM_ETC = ("etc/alternatives", "etc/ld.so.cache")
_HIDDEN = ("usr/lib/debug",)
"""Whether debug packages are installed must not matter; reading them takes Valgrind longer than most programs run."""
_DEVICES = ("null", "zero", "random", "urandom")
_NAMESPACES = (
    "--unshare-user --unshare-pid --unshare-ipc --unshare-net --unshare-uts --unshare-cgroup-try "
    f"--uid {NOBODY} --gid {NOBODY} --hostname sandbox --die-with-parent --new-session --clearenv"
).split()
_SETUP_SECONDS = 60.0
_HARNESS = "PIE_HARNESS"
"""Names the harness's scratch folder in bubblewrap's own environment; the command's is empty."""
_SYS_SETRESUID, _SYS_SETRESGID = 117, 119  # x86-64
_UNSTARTABLE = re.compile(rb"^bwrap: execvp .*: (?!Permission denied)", re.MULTILINE)
"""A program that the kernel refuses (too large, no loader of that name) is at fault itself, as in a shell."""
_NOT_STARTED = 127
_INSTALL = "install it (Debian, Ubuntu: apt install bubblewrap)"


@ISOLATIONS.register("bubblewrap")
class Bubblewrap:
    """Contains each command in namespaces of its own."""

    name = "bubblewrap"
    contains = True

    @property
    def limits_tree(self) -> bool:
        return cgroup.available()

    def check(self) -> None:
        if shutil.which("bwrap") is None:
            raise SandboxError(f"bubblewrap is not installed; {_INSTALL}")
        if "--size" not in subprocess.run(["bwrap", "--help"], capture_output=True, text=True, check=False).stdout:
            raise SandboxError("bubblewrap is too old (no --size); install version 0.6 or newer")
        probe = Command(
            argv=("/usr/bin/true",),
            root=ToolchainRoot("host", Path("/"), "", (), {}),
            limits=ProcessLimits(
                cpu_seconds=10,
                wall_seconds=60,
                memory_bytes=None,
                output_bytes=1 << 10,
                processes=4,
                file_bytes=1 << 20,
            ),
        )
        scratch_folder()  # removes what killed harnesses left
        cgroup.sweep()
        sweep()
        if (result := self.run(probe)).exit_code != 0:
            raise SandboxError(f"bubblewrap can't run programs here: {result.stderr.decode(errors='replace').strip()}")

    def fingerprint(self) -> Mapping[str, str]:
        return {"isolation": self.name}

    def run(self, command: Command) -> Completed:
        with contextlib.ExitStack() as stack:
            limits = command.limits
            all_bytes = None if limits.memory_bytes is None else limits.memory_bytes + limits.file_bytes
            group = stack.enter_context(cgroup.limited(all_bytes))
            status_read, status_write = os.pipe()
            status_file = stack.enter_context(open(status_read, "rb"))  # noqa: PTH123  (a descriptor)
            stdin = open_stdin(command.stdin, stack)
            tree = stack.enter_context(_start(command, stdin, status_write, group))
            stdout, stderr = tree.process.stdout, tree.process.stderr
            assert stdout is not None and stderr is not None
            watched = watch(Tree(stdout, stderr, tree.leader, tree.main_pidfd, tree.end), command.limits)
            status = _exit_status(status_file)
        if status is None and watched.limit is None:
            # The command hasn't run, so these words are bubblewrap's own.
            if not _UNSTARTABLE.search(watched.stderr):
                raise SandboxError(_complaint(watched.stderr))
            status = _NOT_STARTED
        # bubblewrap reports a signal as shells do
        signalled = status is not None and 128 < status <= 128 + signal.NSIG
        number = status - 128 if status is not None and signalled else None
        return watched.completed(None if signalled else status, number, tree.cpu_seconds, command.limits)

    def popen(self, command: Command) -> subprocess.Popen[bytes]:
        """Start a long-lived contained command. Engines' servers limit their programs' memory themselves.

        It is killed when the *thread* that started it ends, as the kernel ties a child to its parent's thread.
        """
        tree = _start(command, subprocess.PIPE)
        tree.detach()
        return tree.process


class _Process(subprocess.Popen[bytes]):
    """bubblewrap's outer process."""

    def kill(self) -> None:
        """End the contained tree too, also one that is still being started and would miss its parent's death."""
        if self.poll() is None:
            with contextlib.suppress(OSError):
                for child in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split():
                    os.kill(int(child), signal.SIGKILL)
        super().kill()


@dataclass
class _Contained:
    """A started bubblewrap and the contained tree under it.

    Attributes:
        process: bubblewrap's outer process.
        leader: Process id, outside, of the contained tree's first process.
        main_pidfd: Descriptor of ``process``.
        leader_pidfd: Descriptor of ``leader``; the kernel ends the whole tree with it.
        cpu_seconds: Of all of it, once it has ended.
    """

    process: subprocess.Popen[bytes]
    leader: int
    main_pidfd: int
    leader_pidfd: int
    cpu_seconds: float = 0.0

    def __enter__(self) -> _Contained:
        return self

    def __exit__(self, *error: object) -> None:
        self.end()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()
        self.detach()

    def end(self) -> None:
        """Kill what lives of the tree and return when all of it is dead."""
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.leader_pidfd, signal.SIGKILL)
        if not select.select([self.leader_pidfd], [], [], _SETUP_SECONDS)[0]:
            raise SandboxError(f"a contained process (pid {self.leader}) doesn't die; the host is in trouble")
        if self.process.returncode is None:
            _, status, usage = os.wait4(self.process.pid, 0)
            self.process.returncode = os.waitstatus_to_exitcode(status)
            self.cpu_seconds = usage.ru_utime + usage.ru_stime

    def detach(self) -> None:
        """Close the descriptors, not the process."""
        os.close(self.main_pidfd)
        os.close(self.leader_pidfd)


def _exit_status(file: IO[bytes]) -> int | None:
    """The command's exit status as bubblewrap reports it; ``None`` if it was never started or was killed."""
    for line in file.read().splitlines():
        if "exit-code" in (record := json.loads(line)):
            return int(record["exit-code"])
    return None


def sweep() -> None:
    """End the bubblewraps of killed harnesses that their harness's end didn't end.

    bubblewrap's second process waits for the first one to map its user, and waits for ever if the first one, which dies
    with the harness, is killed before.
    """
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # gone, or another user's
            if (process / "comm").read_text() != "bwrap\n":
                continue
            for variable in (process / "environ").read_bytes().split(b"\0"):
                name, _, value = variable.partition(b"=")
                if name == _HARNESS.encode() and abandoned(Path(os.fsdecode(value))):
                    os.kill(int(process.name), signal.SIGKILL)


def _start(command: Command, stdin: int, status: int | None = None, group: cgroup.Group | None = None) -> _Contained:
    """Start ``command`` with its limits set.

    Args:
        command: What to run.
        stdin: Its standard input, as for ``subprocess.Popen``.
        status: A descriptor to which bubblewrap writes how the command ended; closed here.
        group: A control group for it.

    Raises:
        SandboxError: bubblewrap is missing or can't set the isolation up.
    """
    with contextlib.ExitStack() as stack:
        info_read, info_write = os.pipe()
        info = stack.enter_context(open(info_read, "rb", buffering=0))  # noqa: PTH123  (a descriptor)
        block_read, block_write = os.pipe()
        block = stack.enter_context(open(block_write, "wb", buffering=0))  # noqa: PTH123
        data_fds: list[int] = []
        passed = [info_write, block_read]
        channels = ["--info-fd", str(info_write), "--block-fd", str(block_read)]
        if status is not None:
            # only where somebody reads it to the end: bubblewrap itself would die of the broken pipe
            passed.append(status)
            channels += ["--json-status-fd", str(status)]
        try:
            process = _Process(
                [*_drop_privileges(), "bwrap", *channels, *_arguments(command, data_fds)],
                stdin=stdin,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                pass_fds=(*passed, *data_fds),
                env={"PATH": os.environ.get("PATH", os.defpath), _HARNESS: str(scratch_folder())},
                cwd="/",
            )
        except FileNotFoundError as error:
            raise SandboxError(f"{error.filename} is not installed; {_INSTALL}") from None
        finally:
            for descriptor in (*passed, *data_fds):
                os.close(descriptor)
        leader = _leader(info)
        if leader is None:
            raise SandboxError(_complaint(process.communicate(timeout=_SETUP_SECONDS)[1]))
        tree = _Contained(process, leader, os.pidfd_open(process.pid), os.pidfd_open(leader))
        stack.push(tree)
        if group is not None:
            group.add(leader)
        _limit(leader, command.limits)
        stack.pop_all()
        block.close()  # bubblewrap waits for data or the end of it
        return tree


def _leader(info: IO[bytes]) -> int | None:
    """The process id that bubblewrap announces, or ``None`` if it ended before."""
    announced = b""
    while data := info.read(1 << 12):
        announced += data
    return int(json.loads(announced)["child-pid"]) if announced else None


def _drop_privileges() -> list[str]:
    if os.geteuid() != 0:
        return []
    return ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--inh-caps=-all"]


def _arguments(command: Command, data_fds: list[int]) -> Iterator[str]:
    """bubblewrap's arguments; files that nobody can reach are opened and their descriptors added to ``data_fds``."""
    yield from _NAMESPACES
    yield from _system(command.root.path)
    yield from ("--proc", "/proc")
    for device in _DEVICES:
        yield from ("--dev-bind", f"/dev/{device}", f"/dev/{device}")
    for link, target in (("stdin", 0), ("stdout", 1), ("stderr", 2)):
        yield from ("--symlink", f"/proc/self/fd/{target}", f"/dev/{link}")
    yield from ("--symlink", "/proc/self/fd", "/dev/fd")
    for folder in dict.fromkeys(("/tmp", command.cwd)):
        if folder not in command.writable and folder not in command.readonly:
            yield from ("--size", str(command.limits.file_bytes), "--tmpfs", folder)
    for inside, outside in command.writable.items():
        yield from ("--bind", str(_writable(outside)), inside)
    for inside, outside in command.readonly.items():
        if _reachable(outside):
            yield from ("--ro-bind", str(outside), inside)
        elif outside.is_dir():
            raise SandboxError(f"{outside} can't be read by the user nobody; move it where all users can read it")
        else:
            data_fds.append(os.open(outside, os.O_RDONLY))
            yield from ("--perms", "0555", "--ro-bind-data", str(data_fds[-1]), inside)
    yield from ("--remount-ro", "/")
    for number, filter_ in enumerate(filters(command)):
        data_fds.append(memory_file(f"seccomp{number}", filter_))
        yield from ("--add-seccomp-fd", str(data_fds[-1]))
    for name, value in command.env.items():
        yield from ("--setenv", name, value)
    yield from ("--chdir", command.cwd, "--", *command.argv)


@functools.lru_cache(maxsize=64)
def _system(root: Path) -> tuple[str, ...]:
    """Arguments that show the read-only system folders of ``root``."""
    if not _reachable(root):
        raise SandboxError(f"{root} can't be read by the user nobody; set PIE_CACHE_DIR to a folder all users can read")
    arguments = ["--ro-bind", str(root / "usr"), "/usr"]
    for name in _SYSTEM_FOLDERS:
        path = root / name
        if path.is_symlink():
            arguments += ["--symlink", str(path.readlink()), f"/{name}"]
        elif path.is_dir():
            arguments += ["--ro-bind", str(path), f"/{name}"]
    for name in _SYSTEM_ETC:
        if (root / name).exists():
            arguments += ["--ro-bind", str(root / name), f"/{name}"]
    for name in _HIDDEN:
        if (root / name).is_dir():
            arguments += ["--tmpfs", f"/{name}", "--remount-ro", f"/{name}"]
    return tuple(arguments)


def _reachable(path: Path) -> bool:
    """Whether the contained programs' user can read ``path``. Only a root harness has another user than theirs."""
    if os.geteuid() != 0:
        return True
    path = path.resolve()
    needed = stat.S_IROTH | (stat.S_IXOTH if path.is_dir() else 0)
    return path.stat().st_mode & needed == needed and can_be_entered(path.parent)


def _writable(folder: Path) -> Path:
    """``folder`` made writable to the contained programs' user."""
    if os.geteuid() == 0:
        if not can_be_entered(folder.resolve().parent):
            raise SandboxError(
                f"{folder} can't be reached by the user nobody; set TMPDIR to a folder all users can enter"
            )
        os.chown(folder, NOBODY, NOBODY)
    return folder


def _limit(process: int, limits: ProcessLimits) -> None:
    """Set the kernel's limits on ``process`` and all that it will start."""
    # bubblewrap's own process inside counts too; older kernels count all that the user runs anywhere
    processes = limits.processes + 1 if _kernel() >= (5, 14) else 4096
    wanted = {**kernel_limits(limits), resource.RLIMIT_NPROC: (processes, processes)}
    with _as_nobody():
        for which, (soft, hard) in wanted.items():
            _, ceiling = resource.prlimit(process, which)
            most = float("inf") if ceiling == resource.RLIM_INFINITY else ceiling
            resource.prlimit(process, which, (int(min(soft, most)), int(min(hard, most))))


@contextlib.contextmanager
def _as_nobody() -> Iterator[None]:
    """Give this thread of a root harness the real user and group of the contained programs for a moment.

    ``prlimit`` on another user's process needs a capability that root in a container lacks, or equal real ids. The
    effective ids stay root's. The plain system calls change one thread only; the C library's would change them all.
    """
    if os.geteuid() != 0:
        yield
        return
    call = ctypes.CDLL(None, use_errno=True).syscall
    ids = os.getuid(), os.getgid()
    try:
        _set_real_ids(call, NOBODY, NOBODY)
        yield
    finally:
        _set_real_ids(call, *ids)


def _set_real_ids(call: Callable[..., int], user: int, group: int) -> None:
    for number, value in ((_SYS_SETRESGID, group), (_SYS_SETRESUID, user)):
        if call(number, value, -1, -1) != 0:
            raise SandboxError(f"can't switch to an unprivileged user: {os.strerror(ctypes.get_errno())}")


@functools.cache
def _kernel() -> tuple[int, int]:
    major, minor = re.findall(r"\d+", platform.release())[:2]
    return int(major), int(minor)


def _complaint(stderr: bytes) -> str:
    """bubblewrap's failure as one line with the remedy."""
    lines = stderr.decode(errors="replace").strip().splitlines()
    complaint = lines[-1] if lines else "bubblewrap ended without a word"
    if re.search(r"namespace|uid map|Operation not permitted|No permissions", complaint):
        return (
            f"{complaint}; unprivileged user namespaces are off: set sysctl kernel.unprivileged_userns_clone=1 and "
            "kernel.apparmor_restrict_unprivileged_userns=0 (in Docker: --security-opt seccomp=unconfined "
            "--security-opt systempaths=unconfined)"
        )
    return f"isolation failed: {complaint}"
