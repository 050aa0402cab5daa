"""Isolation by Docker: one container a command, from an image that holds nothing but its first process.

A command sees the same as under bubblewrap: the read-only system folders of its toolchain root, a few devices, an empty
``/tmp`` and its working folder. The engine adds what bubblewrap alone can't promise everywhere: memory, processes and
processor share are limited by cgroups, system calls by the engine's filter, and another runtime can stand between
programs and the kernel (``PIE_DOCKER_RUNTIME=runsc`` is gVisor).

The first process is ``container/init.c``. It ends with the connection to the harness, so a killed harness leaves no
container, and it says how the command ended in a way that the command can't forge.
"""

from __future__ import annotations

import contextlib
import functools
import io
import os
import pickle
import select
import shutil
import socket
import stat
import struct
import subprocess
import sys
import tarfile
import tempfile
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from sandbox import scratch
from sandbox.isolation import ISOLATIONS
from sandbox.isolation.base import NOBODY, Command, Completed, ProcessLimits
from sandbox.isolation.seccomp import filters
from sandbox.isolation.supervise import Tree, kernel_limits, watch
from sandbox.paths import default_cache
from sandbox.toolchain.base import ToolchainRoot
from sandbox.types import SandboxError, sha256

RUNTIME_VARIABLE = "PIE_DOCKER_RUNTIME"
"""Names another of the engine's runtimes than its default one."""

_SOURCES = Path(__file__).parent / "container"
_COMPILE = ("-O2", "-static", "-nostdlib", "-ffreestanding", "-fno-stack-protector", "-fcf-protection=none")
_LINK = ("-fno-pie", "-no-pie", "-s")
_LABEL, _HOST_LABEL = "pie-tasks.owner", "pie-tasks.host"
_INPUT = "/run/pie"
_SYSTEM_FOLDERS = ("usr", "bin", "sbin", "lib", "lib32", "lib64", "libx32")
_SYSTEM_ETC = ("etc/alternatives", "etc/ld.so.cache")
_HIDDEN = "usr/lib/debug"
_ENGINE_FILES = ("/etc/hosts", "/etc/hostname", "/etc/resolv.conf")
"""What Docker tells every container of its host's network; shown empty."""
_MASKED = (
    "/sys",
    "/proc/acpi",
    "/proc/asound",
    "/proc/interrupts",
    "/proc/kcore",
    "/proc/keys",
    "/proc/latency_stats",
    "/proc/sched_debug",
    "/proc/scsi",
    "/proc/timer_list",
    "/proc/timer_stats",
)
_READ_ONLY = ("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger")
_SECONDS = 60
_TRIES = 3
"""To start a container."""
_STDOUT, _STDERR = 1, 2
_HEADER = struct.Struct(">BxxxI")
_TRAILER = struct.Struct("<xII")
_INSTALL = "start Docker, or name its socket with DOCKER_HOST (Debian, Ubuntu: apt install docker.io)"
_PROBE = ("Uid:\t65534", "CapEff:\t0000000000000000", "CapBnd:\t0000000000000000", "NoNewPrivs:\t1", "Seccomp:\t2")
"""Lines that a contained process's own status must have."""


@ISOLATIONS.register("docker")
class Docker:
    """Contains each command in a container of its own."""

    name = "docker"
    contains = True
    limits_tree = True

    def check(self) -> None:
        scratch.scratch_folder()
        _remove_abandoned()
        with _staged() as folder:
            token = folder / "token"
            token.write_text(os.urandom(16).hex())
            probe = Command(
                argv=("/bin/cat", "/work/token", "/proc/self/status"),
                root=ToolchainRoot("host", Path("/"), "", (), {}),
                limits=ProcessLimits(
                    cpu_seconds=10, wall_seconds=60, memory_bytes=64 << 20, output_bytes=1 << 16, processes=4
                ),
                readonly={"/work/token": token},
            )
            result = self.run(probe)
            said = result.stdout.decode(errors="replace")
            if result.exit_code != 0 or not said.startswith(token.read_text()):
                raise SandboxError("Docker's engine doesn't see this machine's files; use the engine of this machine")
        missing = [line for line in _PROBE if line not in said]
        if missing:
            raise SandboxError(
                f"Docker's engine doesn't contain programs as it should (no {' '.join(missing[0].split())!r}); enable "
                "seccomp, and use no engine that remaps or grants more"
            )

    def fingerprint(self) -> Mapping[str, str]:
        runtime = os.environ.get(RUNTIME_VARIABLE)
        return {"isolation": self.name, **({"runtime": runtime} if runtime else {})}

    def run(self, command: Command) -> Completed:
        with contextlib.ExitStack() as stack:
            container = stack.enter_context(start(command, sent=False))
            out, out_write = _pipe(stack)
            err, err_write = _pipe(stack)
            main, main_write = _pipe(stack)
            relay = Relay(container, out_write, err_write, main_write)
            relay.start()
            stack.callback(relay.end)
            watched = watch(Tree(out, err, container.leader, main.fileno(), relay.end), command.limits)
        if not relay.started and watched.limit is None:
            raise SandboxError(f"isolation failed: {watched.stderr.decode(errors='replace').strip() or 'no word'}")
        if relay.status is None and watched.limit is None:
            raise SandboxError("a container ended in the middle of a command; is the machine short of memory?")
        status = relay.status or 0
        number = os.WTERMSIG(status) if os.WIFSIGNALED(status) else None
        exit_code = os.WEXITSTATUS(status) if relay.status is not None and number is None else None
        return watched.completed(exit_code, number, relay.cpu_seconds, command.limits)

    def popen(self, command: Command) -> subprocess.Popen[bytes]:
        """Start a long-lived contained command behind a process that passes its streams on."""
        with tempfile.TemporaryFile() as file:
            pickle.dump(command, file)
            file.seek(0)
            folder = str(scratch.scratch_folder())
            return _Server(
                [sys.executable, "-m", "sandbox.isolation.docker_server", str(file.fileno()), folder],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                pass_fds=(file.fileno(),),
                env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
            )


class _Server(subprocess.Popen[bytes]):
    """The process that passes a container's streams on."""

    def kill(self) -> None:
        """Have it remove its container and end."""
        self.terminate()


@dataclass
class Container:
    """A started container, connected to this process by one stream.

    Attributes:
        identity: The engine's name of it.
        leader: Process id, on this machine, of its first process.
        stream: Its standard streams, as the engine interleaves them.
    """

    identity: str
    leader: int
    stream: socket.socket

    def frames(self) -> Iterator[tuple[int, bytes]]:
        """(stream, data) as it comes, until the container has ended."""
        with contextlib.suppress(OSError):
            while len(header := _exactly(self.stream, _HEADER.size)) == _HEADER.size:
                which, size = _HEADER.unpack(header)
                while size and (data := self.stream.recv(min(size, 1 << 16))):
                    size -= len(data)
                    yield which, data

    def send(self, data: bytes) -> None:
        """Give the command input; no bytes mean that it ends."""
        for start_of in range(0, len(data) or 1, 1 << 20):
            piece = data[start_of : start_of + (1 << 20)]
            self.stream.sendall(struct.pack("<I", len(piece)) + piece)

    def let_go(self) -> None:
        """Close the lifeline: the container ends."""
        with contextlib.suppress(OSError):
            self.stream.shutdown(socket.SHUT_WR)


class Relay(threading.Thread):
    """Copies a container's output to pipes, and learns how its command ended.

    Attributes:
        started: Whether the command was started. If not, its standard error is the first process's complaint.
        status: The command's wait status, or ``None`` where it was killed with the container.
        cpu_seconds: Its processor time, where it ended by itself.
    """

    def __init__(self, container: Container, out: int, err: int, main: int) -> None:
        super().__init__(name="pie-docker-relay", daemon=True)
        self.started = False
        self.status: int | None = None
        self.cpu_seconds = 0.0
        self._container = container
        self._out, self._err, self._main = out, err, main
        self._ended = threading.Event()

    def run(self) -> None:
        tail = b""
        for which, data in self._container.frames():
            if which == _STDOUT:
                self._write(self._out, data)
                continue
            first = not self.started and data.startswith(b"\0")
            self.started = self.started or first
            tail += data[1:] if first else data
            self._write(self._err, tail[: -_TRAILER.size])
            tail = tail[-_TRAILER.size :]
        if self.started and len(tail) == _TRAILER.size and tail[0] == 0:
            self.status, milliseconds = _TRAILER.unpack(tail)
            self.cpu_seconds = milliseconds / 1000
        else:
            self._write(self._err, tail)
        for descriptor in (self._out, self._err, self._main):
            os.close(descriptor)

    def _write(self, descriptor: int, data: bytes) -> None:
        """Write all of ``data``, as long as somebody may want it."""
        while data and not self._ended.is_set():
            if select.select([], [descriptor], [], 0.2)[1]:
                data = data[os.write(descriptor, data[: select.PIPE_BUF]) :]

    def end(self) -> None:
        """End the container and wait until it is dead."""
        self._ended.set()
        self._container.let_go()
        self.join(_SECONDS)
        if self.is_alive():
            _remove(self._container.identity)
            self.join(_SECONDS)
        if self.is_alive():
            raise SandboxError(f"container {self._container.identity[:12]} doesn't end; the engine is in trouble")


@contextlib.contextmanager
def start(command: Command, sent: bool) -> Iterator[Container]:
    """Start a container for ``command``; it is gone when the context ends.

    Args:
        command: What to run.
        sent: Standard input is what :meth:`Container.send` gives, not ``command.stdin``.

    Raises:
        SandboxError: The engine can't be reached or refuses.
    """
    with _engine() as api, _staged() as stage:
        writable = _Writable(stage, command.writable)
        config = {
            "image": _image(),
            "command": _arguments(command, stage, sent),
            "user": f"{NOBODY}:{NOBODY}",
            "hostname": "sandbox",
            "stdin_open": True,
            "network_disabled": True,
            "labels": {_LABEL: str(scratch.scratch_folder()), _HOST_LABEL: socket.gethostname()},
            "host_config": _host_config(api, command, stage, writable),
        }
        with contextlib.ExitStack() as stack:
            identity, stream = _started(api, stack, config)
            yield Container(identity, _leader(api, identity), stream)
        writable.collect(command.limits.file_bytes)


def _started(api: Any, stack: contextlib.ExitStack, config: Mapping[str, Any]) -> tuple[str, socket.socket]:
    """A container that runs, and its streams, until ``stack`` is closed.

    Now and then a loaded engine loses a container between making and starting it ("cannot start a stopped process").
    Nothing of the command has run then, so another one is made.
    """
    from docker.errors import APIError

    tries_left = _TRIES
    while True:
        tries_left -= 1
        with contextlib.ExitStack() as attempt:
            identity, stream = attempt.enter_context(_made(api, config))
            try:
                api.start(identity)
            except APIError as error:
                if tries_left == 0 or not error.is_server_error():
                    raise
            else:
                stack.enter_context(attempt.pop_all())
                return identity, stream


@contextlib.contextmanager
def _made(api: Any, config: Mapping[str, Any]) -> Iterator[tuple[str, socket.socket]]:
    """A new container that isn't started yet, and its streams; it is gone when the context ends."""
    identity = api.create_container(**config)["Id"]
    try:
        attached = api.attach_socket(identity, params={"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1})
        stream = getattr(attached, "_sock", attached)
        stream.settimeout(None)
        try:
            yield identity, stream
        finally:
            with contextlib.suppress(OSError):
                stream.shutdown(socket.SHUT_RDWR)
            attached.close()
    finally:
        _remove(identity)


def _leader(api: Any, identity: str) -> int:
    """The first process's id; 0, which no process has, where the container has already ended."""
    from docker.errors import NotFound

    try:
        return int(api.inspect_container(identity)["State"]["Pid"])
    except NotFound:
        return 0


def _arguments(command: Command, stage: Path, sent: bool) -> list[str]:
    """Arguments of the container's first process; what they name is put into ``stage``."""
    folder = stage / "in"
    folder.mkdir(mode=0o755)
    given = "-"
    if not sent:
        given = f"{_INPUT}/stdin"
        if isinstance(command.stdin, Path):
            shutil.copyfile(command.stdin, folder / "stdin")
        else:
            (folder / "stdin").write_bytes(command.stdin or b"")
        (folder / "stdin").chmod(0o444)
    (folder / "seccomp").write_bytes(b"".join(struct.pack("<I", len(one)) + one for one in filters(command)))
    (folder / "seccomp").chmod(0o444)
    # as bubblewrap does
    environment = {**command.env, "PWD": command.cwd}
    kernel = "".join(f"{which} {soft} {hard} " for which, (soft, hard) in kernel_limits(command.limits).items())
    return [
        given,
        f"{_INPUT}/seccomp",
        kernel,
        command.cwd,
        *(f"{name}={value}" for name, value in environment.items()),
        "--",
        *command.argv,
    ]


def _host_config(api: Any, command: Command, stage: Path, writable: _Writable) -> Any:
    limits = command.limits
    config = api.create_host_config(
        mounts=[*_mounts(command, stage), *writable.mounts()],
        tmpfs={
            folder: f"rw,exec,nosuid,nodev,mode=1777,size={limits.file_bytes}"
            for folder in dict.fromkeys(("/tmp", command.cwd))
            if folder not in command.writable and folder not in command.readonly
        },
        auto_remove=True,
        cap_drop=["ALL"],
        ipc_mode="none",
        log_config={"Type": "none"},
        network_mode="none",
        pids_limit=limits.processes + 1,  # the first process
        read_only=True,
        runtime=os.environ.get(RUNTIME_VARIABLE) or None,
        security_opt=["no-new-privileges:true"],
    )
    if limits.memory_bytes is not None:
        # What all processes may use together, what they keep in temporary files included. Each alone is held by the
        # limit on its data, so this ends only what spreads.
        config["Memory"] = config["MemorySwap"] = limits.memory_bytes + limits.file_bytes
    config["NanoCpus"] = 10**9
    config["MaskedPaths"] = list(_MASKED)
    config["ReadonlyPaths"] = list(_READ_ONLY)
    return config


def _mounts(command: Command, stage: Path) -> Iterator[dict[str, Any]]:
    """Everything read-only that a command sees."""
    root = command.root.path
    for name in _SYSTEM_FOLDERS:
        if (folder := _inside(root, name)).is_dir():
            yield _bind(folder, f"/{name}")
    for name in _SYSTEM_ETC:
        if (path := _inside(root, name)).exists():
            yield _bind(path, f"/{name}")
    if (root / _HIDDEN).is_dir():
        yield {"Type": "tmpfs", "Target": f"/{_HIDDEN}", "ReadOnly": True}
    for name in _ENGINE_FILES:
        yield _bind(Path("/dev/null"), name)
    yield _bind(stage / "in", _INPUT)
    for inside, outside in command.readonly.items():
        yield _bind(outside.resolve(), inside)


def _bind(source: Path, target: str, read_only: bool = True) -> dict[str, Any]:
    # Not recursive: older engines leave what is mounted below a read-only folder writable.
    return {
        "Type": "bind",
        "Source": str(source),
        "Target": target,
        "ReadOnly": read_only,
        "BindOptions": {"Propagation": "rprivate", "NonRecursive": True},
    }


def _inside(root: Path, name: str) -> Path:
    """``name`` in ``root`` with its links followed as in that root."""
    path = root / name
    for _ in range(8):
        if not path.is_symlink():
            break
        target = path.readlink()
        path = root / str(target).lstrip("/") if target.is_absolute() else path.parent / target
    return path


class _Writable:
    """Stand-ins for a command's writable files and folders, so that no file of the host is ever written by it.

    Args:
        stage: A folder that no other user can enter.
        wanted: Path inside -> host folder or file.
    """

    def __init__(self, stage: Path, wanted: Mapping[str, Path]) -> None:
        self._pairs: list[tuple[str, Path, Path]] = []
        for number, (inside, outside) in enumerate(wanted.items()):
            stand_in = stage / f"out{number}"
            if outside.is_dir():
                stand_in.mkdir()
                stand_in.chmod(0o777)
            else:
                shutil.copyfile(outside, stand_in)
                stand_in.chmod(0o666)
            self._pairs.append((inside, stand_in, outside))

    def mounts(self) -> list[dict[str, Any]]:
        return [_bind(stand_in, inside, read_only=False) for inside, stand_in, _ in self._pairs]

    def collect(self, most: int) -> None:
        """Copy regular files of at most ``most`` bytes to where they are wanted, and nothing else."""
        for _, stand_in, outside in self._pairs:
            if stand_in.is_dir():
                for file in stand_in.iterdir():
                    _copy(file, outside / file.name, most)
            else:
                _copy(stand_in, outside, most)


def _copy(source: Path, target: Path, most: int) -> None:
    try:
        descriptor = os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return
    with open(descriptor, "rb") as file:  # noqa: PTH123  (a descriptor)
        status = os.fstat(descriptor)
        if stat.S_ISREG(status.st_mode) and status.st_size <= most:
            with target.open("wb") as copy:
                shutil.copyfileobj(file, copy)


@contextlib.contextmanager
def _staged() -> Iterator[Path]:
    """A temporary folder that only this user and the engine can enter."""
    with tempfile.TemporaryDirectory(
        prefix="container-", dir=scratch.scratch_folder(), ignore_cleanup_errors=True
    ) as folder:
        yield Path(folder)


def _pipe(stack: contextlib.ExitStack) -> tuple[IO[bytes], int]:
    read, write = os.pipe()
    # the other end is closed by whoever writes
    return stack.enter_context(open(read, "rb", buffering=0)), write  # noqa: PTH123


def _exactly(stream: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size and (more := stream.recv(size - len(data))):
        data += more
    return data


_local = threading.local()


@contextlib.contextmanager
def _engine() -> Iterator[Any]:
    """This thread's connection to the engine; its errors become faults of the sandbox."""
    import docker.errors
    import requests

    try:
        api = getattr(_local, "api", None)
        if api is None:
            api = _local.api = docker.from_env(timeout=_SECONDS).api
        yield api
    except docker.errors.APIError as error:
        raise SandboxError(f"Docker's engine refuses: {_line(error.explanation or error)}") from None
    except docker.errors.DockerException as error:
        raise SandboxError(f"can't reach Docker's engine ({_line(error)}); {_INSTALL}") from None
    except requests.exceptions.RequestException as error:
        raise SandboxError(f"Docker's engine doesn't answer ({_line(error)}); {_INSTALL}") from None


def _line(text: object) -> str:
    return " ".join(str(text).split())[:300]


def _remove(identity: str) -> None:
    """See that a container is gone; the engine may be at removing it already."""
    from docker.errors import APIError

    with _engine() as api, contextlib.suppress(APIError):
        api.remove_container(identity, force=True)


def _remove_abandoned() -> None:
    """Remove the containers of harnesses of this machine that were killed before they could start them."""
    with _engine() as api:
        for container in api.containers(all=True, filters={"label": f"{_HOST_LABEL}={socket.gethostname()}"}):
            if scratch.abandoned(Path(container["Labels"].get(_LABEL, ""))):
                _remove(container["Id"])


@functools.cache
def _image() -> str:
    """The image's name, after its content; built where the engine doesn't have it.

    Raises:
        SandboxError: There is no C compiler for its first process, or the engine can't build it.
    """
    from docker.errors import ImageNotFound

    init, recipe = _init(), (_SOURCES / "Dockerfile").read_bytes()
    name = f"pie-isolation:{sha256(init + recipe)[:16]}"
    with _engine() as api:
        try:
            api.inspect_image(name)
        except ImageNotFound:
            context = _context({"init": init, "Dockerfile": recipe})
            for step in api.build(fileobj=context, custom_context=True, tag=name, rm=True, decode=True):
                if "error" in step:
                    raise SandboxError(f"Docker's engine can't build the image: {_line(step['error'])}") from None
    return name


def _init() -> bytes:
    """The compiled first process, from the cache where it is there."""
    source = _SOURCES / "init.c"
    made = default_cache() / "container" / sha256(source.read_bytes() + " ".join((*_COMPILE, *_LINK)).encode())[:16]
    if not made.is_file():
        compiler = next((path for path in map(shutil.which, ("gcc", "cc", "clang")) if path), None)
        if compiler is None:
            raise SandboxError("isolation docker needs a C compiler once (Debian, Ubuntu: apt install gcc)")
        with _staged() as folder:
            partial = folder / "init"
            done = subprocess.run(
                [compiler, *_COMPILE, *_LINK, source, "-o", partial], capture_output=True, check=False
            )
            if done.returncode != 0:
                raise SandboxError(f"{compiler} can't compile {source}: {_line(done.stderr.decode(errors='replace'))}")
            made.parent.mkdir(parents=True, exist_ok=True)
            beside = made.with_suffix(f".{os.getpid()}")
            shutil.copyfile(partial, beside)
            beside.replace(made)
    return made.read_bytes()


def _context(files: Mapping[str, bytes]) -> io.BytesIO:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(content), 0o555
            tar.addfile(member, io.BytesIO(content))
    archive.seek(0)
    return archive
