"""One simulated program: run to its first look at standard input, then forked there for each test.

:class:`Program` is the agent's side. It starts a process that builds the machine and simulates; at the first look
that process becomes a server that forks one child a test, and each child goes on from there with a standard input and
output of its own. Messages between the agent, the server and its children are JSON datagrams on one socket.

Runs inside gem5's own Python only.
"""

from __future__ import annotations

import array
import ctypes
import json
import os
import select
import shutil
import signal
import socket
import tempfile
import time
from typing import Any

import m5

from sandbox.gem5 import skylake
from sandbox.gem5.gate import Gate

DEADLOCK_CYCLES = 1_000_000
"""A simulation in which no instruction commits for so many cycles is over: the simulated
processor is stuck. At least this many pass without a commit, at most twice as many. The longest wait of a working
program, a page fault behind a row of misses, is a few thousand."""

CYCLE_TICKS = 286
NORMAL_EXIT = "exiting with last active thread context"
PROGRAM = "./prog"
"""The program's path and ``argv[0]``, in the agent's working directory."""

STDERR_BYTES = 8 << 10
IDLE_SECONDS = 20.0
"""A simulator that has slept for so long without using CPU time waits for something outside."""

_PR_SET_DUMPABLE = 4
_SIGILL = 4
_MESSAGE_BYTES = 1 << 16


class Program:
    """A program under simulation. Its executable lies at :data:`PROGRAM`.

    Args:
        limits: ``ticks``, ``output_bytes`` and ``wall_seconds`` of one run.
        shared: Fork at the first look. If not, the first test's run is the only one.
        own: Descriptors of gem5 itself, which its processes keep. libunwind's pipe is one, by which tcmalloc notes where
            memory grows: were it closed, libunwind would open another in the middle of an allocation, behind the gate.
    """

    def __init__(self, limits: dict[str, Any], shared: bool, own: set[int]) -> None:
        self.limits = limits
        self.prefix = b""  # what it printed before its first look
        self.stderr = b""
        self.serving = False
        self.host_us = 0  # what its shared start-up cost; the first test's account has it
        self.shared_ticks = 0  # how long the shared start-up is
        self._only: dict[str, Any] | None = None  # how a program ended that didn't look at its input
        self.channel, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.stdout_pipe, stdout = os.pipe()
        self.stderr_pipe, stderr = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            _run_program(theirs, stdout, stderr, own, _Simulation(theirs, limits["ticks"], shared))
        theirs.close()
        os.close(stdout)
        os.close(stderr)
        os.set_blocking(self.stdout_pipe, False)
        os.set_blocking(self.stderr_pipe, False)

    def close(self) -> None:
        """End the program's processes."""
        for send in (os.killpg, os.kill):
            try:
                send(self.pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self.reap()
        self.channel.close()
        os.close(self.stdout_pipe)
        os.close(self.stderr_pipe)

    def reap(self) -> int:
        """Wait for the program's first process; returns its status, or 0 if that is known already."""
        try:
            return os.waitpid(self.pid, 0)[1]
        except ChildProcessError:
            return 0

    def run(self, data: bytes) -> dict[str, Any]:
        """Run the program on one input.

        Returns:
            ``ending``, ``code``, ``ticks``, ``instructions``, ``message``, ``stdout`` (bytes), ``host_us``: the host's
            CPU time of simulating what this run added, in microseconds; and ``shared_ticks``: how much of the run was
            simulated before the first look, once for all tests. Of a run that was ended also ``asleep``: where in the
            kernel the simulator slept, which depends on the host and so belongs in no verdict.
        """
        if self._only is not None:
            return {**self._only, "host_us": 0, "shared_ticks": 0}
        self.stderr = b""
        stdin = input_file(data)
        stdout_pipe, stdout = os.pipe()
        try:
            try:
                _send(self.channel, {"op": "test"}, [stdin, stdout])
            except ConnectionError:  # the simulator is gone; watching it says how
                pass
            finally:
                os.close(stdin)
                os.close(stdout)
            os.set_blocking(stdout_pipe, False)
            outcome = _Watch(self, stdout_pipe).outcome()
        finally:
            os.close(stdout_pipe)
        if not self.serving:
            self._only = outcome
        outcome = {**outcome, "host_us": outcome["host_us"] + self.host_us, "shared_ticks": self.shared_ticks}
        self.host_us = 0
        return outcome


class _Watch:
    """Follows one run from outside to its end and holds it to its limits."""

    def __init__(self, program: Program, stdout_pipe: int) -> None:
        self._program = program
        self._pipes = {program.stdout_pipe, program.stderr_pipe, stdout_pipe}
        self._stdout_pipe = stdout_pipe
        self._output = b""
        self._end: dict[str, Any] | None = None
        self._pid = program.pid
        self._killed = ""
        self._asleep = ""

    def outcome(self) -> dict[str, Any]:
        """Wait for the end of the run."""
        started = time.monotonic()
        idleness = _Idleness()
        while True:
            waiting: list[Any] = [self._program.channel, *self._pipes]
            ready, _, _ = select.select(waiting, [], [], 0.5)
            for pipe in self._pipes & set(ready):
                self._read(pipe)
            if self._program.channel in ready:
                message, _ = _receive(self._program.channel)
                status = self._program.reap() if message is None else self._take(message)
                if status is not None:
                    for pipe in list(self._pipes):
                        self._read(pipe)
                    return self._crashed(status) if self._end is None else self._ended(self._end)
            if not self._killed:
                self._killed = self._excess(time.monotonic() - started, idleness.seconds(self._pid))
                if self._killed:
                    self._asleep = _asleep(self._pid)
                    os.kill(self._pid, signal.SIGKILL)

    def _read(self, pipe: int) -> None:
        data = _drain(pipe)
        if data is None:
            self._pipes.discard(pipe)
        elif pipe == self._program.stderr_pipe:
            self._program.stderr = (self._program.stderr + data)[-STDERR_BYTES:]
        elif pipe == self._program.stdout_pipe:
            self._program.prefix += data
        else:
            self._output += data

    def _take(self, message: dict[str, Any]) -> int | None:
        """Note a message of the simulation; returns the simulator's status if the run is over."""
        if message["op"] == "look":
            self._program.serving = True
            self._program.host_us = message["host_us"]
            self._program.shared_ticks = message["ticks"]
        elif message["op"] == "forked":
            self._pid = message["pid"]
        elif message["op"] == "end":
            self._end = message["report"]
            return None if self._program.serving else 0
        else:
            return int(message["status"])
        return None

    def _excess(self, seconds: float, idle_seconds: float) -> str:
        """What the run has too much of."""
        limits = self._program.limits
        if len(self._program.prefix) + len(self._output) > limits["output_bytes"]:
            return "output_limit"
        if seconds > limits["wall_seconds"]:
            return "wall"
        return "blocked" if idle_seconds > IDLE_SECONDS else ""

    def _ended(self, report: dict[str, Any]) -> dict[str, Any]:
        output = self._program.prefix + self._output
        limit = self._program.limits["output_bytes"]
        if len(output) > limit:
            report = {**report, "ending": "output_limit", "code": 0, "ticks": None}
        return {**report, "stdout": output[:limit]}

    def _crashed(self, status: int) -> dict[str, Any]:
        message = complaint(self._program.stderr) or f"gem5 ended with status {status}"
        if self._killed:
            message = "waits for something outside" if self._killed == "blocked" else ""
        report = {
            "ending": self._killed or "engine_crash",
            "code": 0,
            "ticks": None,
            "instructions": None,
            "message": message,
            "asleep": self._asleep,
            "host_us": 0,
        }
        return self._ended(report)


def complaint(stderr: bytes) -> str:
    """The line of gem5's standard error that says why it gave up."""
    lines = [line for line in stderr.decode(errors="replace").splitlines() if line.strip()]
    for start in ("panic:", "fatal:", "gem5 has encountered a segmentation fault"):
        for line in lines:
            if start in line:
                return line.strip()[:300]
    return lines[-1].strip()[:300] if lines else ""


def _asleep(pid: int) -> str:
    """A process's state and the kernel's function that it sleeps in, as far as the host tells."""
    try:
        with open(f"/proc/{pid}/wchan") as file:
            return f"{_stat(pid)[0]} in {file.read()}"
    except OSError:
        return ""


def _stat(pid: int) -> list[str]:
    """The fields of a process's ``/proc/PID/stat`` from its state on (proc(5)); an :class:`OSError` if it is gone."""
    with open(f"/proc/{pid}/stat") as file:
        return file.read().rpartition(")")[2].split()


class _Idleness:
    """How long a process has slept without using CPU time."""

    def __init__(self) -> None:
        self._used = -1
        self._since = time.monotonic()

    def seconds(self, pid: int) -> float:
        try:
            fields = _stat(pid)
        except OSError:
            return 0.0
        used = int(fields[11]) + int(fields[12])
        if used != self._used or fields[0] in "RD":  # what waits for a busy host's processor or disk isn't idle
            self._used, self._since = used, time.monotonic()
        return time.monotonic() - self._since


def _run_program(channel: socket.socket, stdout: int, stderr: int, own: set[int], simulation: _Simulation) -> None:
    """The program's own process: never returns."""
    try:
        os.setsid()
        set_dumpable(True)
        os.dup2(stdout, 1)
        os.dup2(stderr, 2)
        for number in open_descriptors() - own - {channel.fileno()}:
            os.close(number)
        simulation.run()
    except BaseException as error:
        os.write(2, f"fatal: {error!r}\n".encode())
    os._exit(1)


class _Simulation:
    """The simulation as its own process sees it."""

    def __init__(self, channel: socket.socket, ticks: int, shared: bool) -> None:
        self._channel = channel
        self._ticks = ticks
        self._shared = shared
        self._opened: set[int] = set()
        self._started = 0.0

    def run(self) -> None:
        options = m5.options
        options.dump_config = options.json_config = options.dot_config = options.dot_dvfs_config = ""
        machine = skylake.build(PROGRAM, os.getcwd())
        os.makedirs(options.outdir, exist_ok=True)  # v24 writes its citations there, and the last program removed it
        m5.instantiate()
        # nothing that gem5 might write has a place to go from here on
        shutil.rmtree(options.outdir, ignore_errors=True)
        if self._shared:
            self._opened = open_descriptors()
            self._gate = Gate(self._serve)
            self._gate.close_behind()
        else:
            _, (stdin, stdout) = _receive(self._channel)
            os.dup2(stdin, 0)
            os.dup2(stdout, 1)
            self._gate = Gate(lambda: None)
            self._gate.close_behind()
        cpu = machine.system.cpu
        committed = -1
        self._started = time.process_time()
        while True:
            event = m5.simulate(min(DEADLOCK_CYCLES * CYCLE_TICKS, self._ticks - m5.curTick()))
            instructions = int(cpu.totalInsts())
            if event.getCause() != "simulate() limit reached":
                break
            if m5.curTick() >= self._ticks:
                self._end("time_limit", instructions=instructions, message="limit of simulated time")
            if instructions == committed:
                message = f"deadlock: the simulated processor committed nothing in {DEADLOCK_CYCLES:,} cycles"
                self._end("blocked", instructions=instructions, message=message)
            committed = instructions
        if event.getCause() == NORMAL_EXIT:
            self._end("exited", event.getCode(), int(m5.curTick()), instructions)
        self._end("signalled", _SIGILL, instructions=instructions, message=f"simulator instruction: {event.getCause()}")

    def _end(
        self, ending: str, code: int = 0, ticks: int | None = None, instructions: int | None = None, message: str = ""
    ) -> None:
        report = {
            "ending": ending,
            "code": code,
            "ticks": ticks,
            "instructions": instructions,
            "message": message,
            "host_us": self._host_us(),
        }
        _send(self._channel, {"op": "end", "report": report})
        os._exit(0)

    def _host_us(self) -> int:
        return round(1e6 * (time.process_time() - self._started))

    def _serve(self) -> None:
        """Become the server: fork a child for each test. Returns in the children, in the middle of the first look."""
        shared = {number: os.lseek(number, 0, os.SEEK_CUR) for number in open_descriptors() - self._opened}
        _send(self._channel, {"op": "look", "host_us": self._host_us(), "ticks": int(m5.curTick())})
        while True:
            message, descriptors = _receive(self._channel)
            if message is None:
                os._exit(0)
            pid = os.fork()
            if pid == 0:
                self._started = time.process_time()
                self._gate.call("dup2", descriptors[0], 0)
                self._gate.call("dup2", descriptors[1], 1)
                for number, offset in shared.items():
                    self._reopen(number, offset)
                for descriptor in descriptors:
                    os.close(descriptor)
                return
            for descriptor in descriptors:
                os.close(descriptor)
            _send(self._channel, {"op": "forked", "pid": pid})
            _, status = os.waitpid(pid, 0)
            _send(self._channel, {"op": "reaped", "status": status})

    def _reopen(self, number: int, offset: int) -> None:
        """Give this child a file position of its own; forked descriptors share one."""
        own = os.open(f"/proc/self/fd/{number}", os.O_RDONLY)
        os.lseek(own, offset, os.SEEK_SET)
        self._gate.call("dup2", own, number)
        os.close(own)


def open_descriptors() -> set[int]:
    """Of this process, from 3 on."""
    with os.scandir("/proc/self/fd") as entries:
        numbers = {int(entry.name) for entry in entries}
    return {number for number in numbers if number > 2 and os.path.exists(f"/proc/self/fd/{number}")}


def input_file(data: bytes) -> int:
    """A read-only descriptor of a regular file that holds ``data`` and has no name any more."""
    writable, path = tempfile.mkstemp()
    try:
        with open(writable, "wb") as file:
            file.write(data)
        return os.open(path, os.O_RDONLY)
    finally:
        os.unlink(path)


def set_dumpable(value: bool) -> None:
    """Whether processes of the same user may open this process's descriptors through ``/proc``."""
    ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, int(value), 0, 0, 0)


def _drain(pipe: int) -> bytes | None:
    """What is in a non-blocking pipe now; ``None`` at its end."""
    parts: list[bytes] = []
    while True:
        try:
            part = os.read(pipe, 1 << 16)
        except BlockingIOError:
            return b"".join(parts)
        if not part:
            return b"".join(parts) or None
        parts.append(part)
        if len(parts) >= 16:  # a flood: let the caller look at its limits
            return b"".join(parts)


def _send(channel: socket.socket, message: dict[str, Any], descriptors: list[int] | None = None) -> None:
    rights = array.array("i", descriptors or [])
    ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)] if descriptors else []
    channel.sendmsg([json.dumps(message).encode()], ancillary)


def _receive(channel: socket.socket) -> tuple[dict[str, Any] | None, list[int]]:
    """The next message and the descriptors that came with it; ``None`` when the other side is gone."""
    try:
        data, ancillary, _, _ = channel.recvmsg(_MESSAGE_BYTES, socket.CMSG_SPACE(8 * 4))
    except ConnectionResetError:
        return None, []
    descriptors = array.array("i")
    for _, _, payload in ancillary:
        descriptors.frombytes(payload[: len(payload) - len(payload) % descriptors.itemsize])
    return (json.loads(data) if data else None), list(descriptors)
