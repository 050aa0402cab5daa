"""The embedded clock: an out-of-order Skylake model that follows programs under QEMU's user mode.

It aims at the answer of gem5 v20.1 with PIE's parameters, at many times its speed; README's section on engines says how
near it comes. See ``sandbox/skylake/`` for plugin and model.

A program is started once. At its first system call that could look at standard input the plugin forks, once for each
input; what comes before is the same for all. A program that holds files open at that point is started anew each time.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import re
import struct
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from sandbox.engines import ENGINES
from sandbox.engines.base import EngineContext
from sandbox.isolation.base import Command, ProcessLimits
from sandbox.paths import default_cache
from sandbox.skylake.build import Built, build
from sandbox.toolchain import fingerprint
from sandbox.types import TICKS_PER_CYCLE, Ending, Limits, Run, SandboxError

VERSION = "1"

CPU = "max,vendor={vendor},family=15,model=37,stepping=1,level=13,xlevel=0x80000008,rdrand=off,rdseed=off"
"""QEMU's processor. The plugin lets ``cpuid`` show gem5's features."""

GEM5_VENDOR, OTHER_VENDOR = "M5 Simulator", "AuthenticAMD"
"""The vendor is gem5's where that works. glibc 2.33 and later read no features of a processor whose vendor they don't
know, and then refuse to run."""

GUEST_BYTES = 0x50_0000_0000
"""Programs live below this address, nothing else does: QEMU and its libraries lie far above."""

AUDIT_RATE = 0.01
"""Share of the tests that run a second time, in a process of their own."""

_INSIDE = "/skylake"
_REPLY = struct.Struct("<IiIIQQQQ")
_EXITED, _SIGNALLED, _TIME_LIMIT, _ESCAPE, _MEMORY_LIMIT, _BLOCKED, _OUTPUT_LIMIT = 1, 2, 3, 4, 5, 100, 101
_LIMITS = {
    _TIME_LIMIT: Ending.TIME_LIMIT,
    _MEMORY_LIMIT: Ending.MEMORY_LIMIT,
    _BLOCKED: Ending.BLOCKED,
    _OUTPUT_LIMIT: Ending.OUTPUT_LIMIT,
}
_PLUGIN_FAILED = 70
_SIGKILL, _SIGSEGV, _SIGXCPU = 9, 11, 24
_FAREWELL_SECONDS = 1.0
_LARGEST = 1 << 30
"""Bytes of a part of a reply: far above any limit on output, far below what a reader should allocate on another's word."""
_SLOWEST = 200_000
"""Cycles a second that the slowest host simulates: a guard, far below what was ever measured."""


@dataclass(frozen=True)
class _Reply:
    """What the plugin says of one run; see ``server.cpp``."""

    ending: int
    code: int
    shareable: bool
    instructions: int
    cycles: int
    output: bytes
    error: bytes
    counters: bytes


class _Server:
    """One started program.

    Args:
        process: QEMU with the plugin, contained.
    """

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdin is not None and process.stdout is not None and process.stderr is not None
        self._process = process
        self._requests, self._replies, self._errors = process.stdin, process.stdout, process.stderr
        self.alone = False

    def ask(self, data: bytes) -> _Reply | int:
        """Run the program on ``data``; an exit status, as shells give it, if the process ended instead."""
        try:
            self._requests.write(struct.pack("<Q", len(data)) + data)
            self._requests.flush()
        except BrokenPipeError:
            return self._process.wait()
        header = self._replies.read(_REPLY.size)
        if len(header) < _REPLY.size:
            return self._process.wait()
        ending, code, shareable, counters, instructions, cycles, output, error = _REPLY.unpack(header)
        self.alone = not shareable
        sizes = (output, error, counters)
        texts = [_exactly(self._replies, size) for size in sizes]
        return _Reply(ending, code, bool(shareable), instructions, cycles, *texts)

    def complaint(self) -> str:
        """Ends the process; the last line of what QEMU or the plugin wrote before the program ran."""
        self._process.kill()
        lines = self._errors.read().decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else "without a word"

    def close(self) -> None:
        with contextlib.suppress(BrokenPipeError):
            self._requests.close()
        try:
            # it ends by itself where no run is under way; so the kernel accounts for what it used
            self._process.wait(_FAREWELL_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for stream in (self._replies, self._errors):
            stream.close()


@ENGINES.register("skylake")
class Skylake:
    """Runs programs under the model.

    Args:
        context: Root, isolation, and the options ``audit`` (a rate), ``cache`` (a folder for the built plugin) and ``memo``
            (``0``: the model remembers no timing of blocks, with the same times, slower).
    """

    name = "skylake"
    native_first = True  # a program that never ends would be simulated for minutes, natively it takes seconds

    def __init__(self, context: EngineContext) -> None:
        unknown = context.options.keys() - {"audit", "cache", "memo"}
        if unknown:
            raise SandboxError(f"engine skylake has no option {min(unknown)!r}")
        self._context = context
        self._cache = Path(context.options["cache"]) if "cache" in context.options else default_cache()
        try:
            self._audit = float(context.options.get("audit", AUDIT_RATE))
        except ValueError:
            raise SandboxError("engine skylake: the option audit is a rate between 0 and 1") from None

    def check(self) -> None:
        self._built()
        self._context.isolation.check()

    def fingerprint(self) -> Mapping[str, str]:
        built = self._built()
        return {
            "engine": self.name,
            "version": VERSION,
            "model_sha256": built.sources_sha256,
            "qemu_version": built.qemu_version,
            "qemu_sha256": built.qemu_sha256,
            "cpu": self._cpu(),
            "layout": "./prog",
            "toolchain": self._context.root.name,
            "toolchain_sha256": fingerprint(self._context.root),
        }

    def run(self, program: Path, inputs: Sequence[bytes], limits: Limits) -> Iterator[Run]:
        binary = hashlib.sha256(program.read_bytes()).digest()
        server: _Server | None = None
        try:
            for data in inputs:
                if server is None:
                    server = self._start(program, limits)
                run = self._run(server, data)
                if run is None or server.alone:
                    server.close()
                    server = None
                if run is None:
                    run = self._run_alone(program, data, limits)
                elif self._audited(binary, data):
                    self._compare(program, run, self._run_alone(program, data, limits))
                yield run
        finally:
            if server is not None:
                server.close()

    def _built(self) -> Built:
        return build(self._cache)

    def _cpu(self) -> str:
        return CPU.format(vendor=_vendor(self._context.root.path))

    def _audited(self, binary: bytes, data: bytes) -> bool:
        """Whether this test is in the sample: the same tests on every machine."""
        draw = int.from_bytes(hashlib.sha256(binary + hashlib.sha256(data).digest()).digest()[:8], "big")
        return draw < self._audit * 2**64

    def _compare(self, program: Path, shared: Run, alone: Run) -> None:
        """Hold a run in a shared process against one in a process of its own."""
        if (shared.ending, shared.code, shared.stdout, shared.ticks) != (
            alone.ending,
            alone.code,
            alone.stdout,
            alone.ticks,
        ):
            kept = self._cache / "audit" / hashlib.sha256(program.read_bytes()).hexdigest()
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_bytes(program.read_bytes())
            raise SandboxError(f"a test alone gave another result than with others; the program is kept as {kept}")

    def _run_alone(self, program: Path, data: bytes, limits: Limits) -> Run:
        """Run in a process of its own; an engine that fails in it again has crashed on this program."""
        server = self._start(program, limits, alone=True)
        try:
            return self._run(server, data) or Run(Ending.ENGINE_CRASH, 0, b"", message=server.complaint())
        finally:
            server.close()

    def _run(self, server: _Server, data: bytes) -> Run | None:
        """One run; ``None`` where the engine failed for a reason that may not repeat."""
        reply = server.ask(data)
        if isinstance(reply, int):
            if reply == _PLUGIN_FAILED:
                raise SandboxError(f"engine skylake: {server.complaint()}")
            # QEMU ended before the program looked at its input: a crash, whose signal a run alone tells
            return None
        return _judge(reply)

    def _start(self, program: Path, limits: Limits, alone: bool = False) -> _Server:
        cycles = limits.ticks // TICKS_PER_CYCLE
        options = {
            "reserved": GUEST_BYTES,
            "cycles": cycles,
            "memory": limits.memory_bytes,
            "output": limits.output_bytes,
            "alone": int(alone),
            "memo": self._context.options.get("memo", "1"),
        }
        plugin = ",".join([f"{_INSIDE}/skylake.so", *(f"{name}={value}" for name, value in options.items())])
        guard = 60 + cycles // _SLOWEST
        command = Command(
            argv=(
                f"{_INSIDE}/ld.so",
                "--library-path",
                _INSIDE,
                f"{_INSIDE}/qemu-x86_64",
                "-cpu",
                self._cpu(),
                "-s",
                str(limits.memory_bytes),
                "-plugin",
                plugin,
                "-0",
                "./prog",
                "/work/prog",
            ),
            root=self._context.root,
            limits=ProcessLimits(
                cpu_seconds=guard,
                wall_seconds=float("inf"),
                memory_bytes=None,
                output_bytes=limits.output_bytes,
                processes=8,
            ),
            readonly={_INSIDE: self._built().folder, "/work/prog": program},
        )
        return _Server(self._context.isolation.popen(command))


@functools.cache
def _vendor(root: Path) -> str:
    """The processor's vendor for the C library of ``root``.

    Raises:
        SandboxError: There is no glibc in it.
    """
    for folder in ("lib/x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu", "lib64", "usr/lib64", "usr/lib"):
        library = root / folder / "libc.so.6"
        if library.is_file():
            version = re.search(rb"release version (\d+)\.(\d+)", library.read_bytes())
            if version is not None:
                return GEM5_VENDOR if (int(version[1]), int(version[2])) < (2, 33) else OTHER_VENDOR
    raise SandboxError(f"the toolchain root {root} has no glibc")


def _judge(reply: _Reply) -> Run | None:
    """What a reply means."""
    words = reply.error.decode(errors="replace").strip().splitlines()
    message = words[-1][:200] if words else ""
    detail = _counters(reply.counters)
    if reply.ending == _EXITED:
        ticks = TICKS_PER_CYCLE * reply.cycles
        return Run(Ending.EXITED, reply.code, reply.output, ticks, reply.instructions, message, detail)
    if reply.ending == _SIGNALLED and reply.code == _SIGXCPU:
        raise SandboxError("a program made progress for too long by the processor's clock; is the machine overloaded?")
    if reply.ending == _SIGNALLED and reply.code != _SIGKILL:
        return Run(Ending.SIGNALLED, reply.code, reply.output, message=message)
    if reply.ending == _ESCAPE:
        return Run(
            Ending.SIGNALLED,
            _SIGSEGV,
            reply.output,
            message="access outside of the program's memory, or a signal to another process",
        )
    if reply.ending in _LIMITS:
        return Run(_LIMITS[reply.ending], 0, reply.output, None, reply.instructions or None, message, detail)
    return None


def _counters(text: bytes) -> dict[str, int]:
    try:
        pairs = (line.partition("=") for line in text.decode().splitlines())
        return {name: int(value) for name, _, value in pairs}
    except ValueError:
        raise SandboxError("engine skylake sent counters that are none; is its plugin of another version?") from None


def _exactly(stream: IO[bytes], size: int) -> bytes:
    data = b"" if size > _LARGEST else stream.read(size)
    if len(data) < size:
        raise SandboxError("engine skylake ended in the middle of a reply")
    return data
