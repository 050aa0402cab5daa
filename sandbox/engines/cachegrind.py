"""Counting by Valgrind's cachegrind: instructions, cache misses and branch mispredictions, and a formula that makes
cycles of them.

A first, light engine. It knows no latencies of instructions, no dependencies and no overlap; README and
``benchmarks/pie_fidelity.py`` say how far that is from gem5.

The formula, at 3.5 GHz (286 ticks a cycle, as gem5 rounds)::

    cycles = instructions / 2                          # what a Skylake sustains on ordinary code
           + 14 (I1 misses + D1 read misses)           # latency of the L2
           + 120 (LL misses of instructions and reads) # what is left of DRAM's latency after overlap
           + 16 (conditional and indirect mispredictions)

Valgrind can't limit instructions: the native run that comes first decides what hangs, by CPU time.
"""

from __future__ import annotations

import re
import shutil
import socket
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from sandbox.engines import ENGINES
from sandbox.engines.base import EngineContext
from sandbox.engines.native import as_run, process_limits
from sandbox.isolation.base import Command
from sandbox.toolchain import fingerprint
from sandbox.types import TICKS_PER_CYCLE, Ending, Limits, Run, SandboxError, sha256

VERSION = "1"

CACHES = ("--I1=32768,8,64", "--D1=32768,8,64", "--LL=1048576,16,64")
"""Skylake's first-level caches, and its second level as the last: size in bytes, ways, line size."""

COSTS = {"half_instructions": 1, "l1_miss": 14, "ll_miss": 120, "misprediction": 16}
"""Cycles of each event; instructions count half a cycle."""

SLOWDOWN = 100
"""How much longer than its native limit a program may take under Valgrind, in CPU time."""

_TOOL = "cachegrind-amd64-linux"
_INSIDE = "/valgrind"
_FOLDERS = ("/usr/libexec/valgrind", "/usr/lib/x86_64-linux-gnu/valgrind", "/usr/lib/valgrind", "/usr/lib64/valgrind")
# glibc chooses variants of its functions by the processor and its caches: only what every x86-64 has may remain. Valgrind
# counts every iteration of ERMS's "rep movsb". The last comma is needed: without it glibc reads on behind the string.
_FEATURES = (
    "AVX AVX2 AVX2_Usable AVX512F AVX512F_Usable AVX512VL AVX512BW AVX_Fast_Unaligned_Load BMI1 BMI2 ERMS F16C FMA "
    "FMA4 FMA4_Usable FMA_Usable FSRM LZCNT MOVBE POPCNT Prefer_No_VZEROUPPER RTM SSE4_1 SSE4_2 SSSE3 XSAVE XSAVEC"
).split()
_TUNABLES = ":".join(
    (
        "glibc.cpu.hwcaps=" + "".join(f"-{feature}," for feature in _FEATURES),
        "glibc.cpu.x86_data_cache_size=0x8000",
        "glibc.cpu.x86_shared_cache_size=0x100000",
        "glibc.cpu.x86_non_temporal_threshold=0xc0000",
    )
)
_COUNT = re.compile(
    rb"^==\d+== +(I +refs|I1 +misses|LLi misses|D +refs|D1 +misses|LLd misses|Mispredicts): +([\d,]+)(.*)$", re.M
)
_READS = re.compile(rb"([\d,]+) rd")


@ENGINES.register("cachegrind")
class Cachegrind:
    """Runs programs under cachegrind, one process an input.

    Args:
        context: Root, isolation; this engine has no options.
    """

    name = "cachegrind"
    native_first = True

    def __init__(self, context: EngineContext) -> None:
        self._context = context
        self._folder = next((Path(path) for path in _FOLDERS if (Path(path) / _TOOL).is_file()), None)

    def check(self) -> None:
        if self._folder is None:
            found = shutil.which("valgrind")
            where = f" (found {found}, but not its tools)" if found else ""
            raise SandboxError(f"Valgrind is not installed{where} (Debian, Ubuntu: apt install valgrind)")
        if self._context.options:
            raise SandboxError(f"engine cachegrind has no option {next(iter(self._context.options))!r}")

    def fingerprint(self) -> Mapping[str, str]:
        assert self._folder is not None
        return {
            "engine": self.name,
            "version": VERSION,
            "valgrind_sha256": sha256((self._folder / _TOOL).read_bytes()),
            "caches": " ".join(CACHES),
            "costs": " ".join(f"{name}={value}" for name, value in COSTS.items()),
            "limit": "native CPU time",
            "layout": f"./prog GLIBC_TUNABLES={_TUNABLES}",
            "toolchain": self._context.root.name,
            "toolchain_sha256": fingerprint(self._context.root),
        }

    def run(self, program: Path, inputs: Sequence[bytes], limits: Limits) -> Iterator[Run]:
        for data in inputs:
            yield self._run(program, data, limits)

    def _run(self, program: Path, data: bytes, limits: Limits) -> Run:
        assert self._folder is not None
        # A program can open a pipe of its own process again through /proc, but never a socket.
        reader, writer = socket.socketpair()
        with reader, writer:
            writer.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
            command = Command(
                argv=(
                    f"{_INSIDE}/{_TOOL}",
                    "--tool=cachegrind",
                    "--cache-sim=yes",
                    "--branch-sim=yes",
                    *CACHES,
                    "--cachegrind-out-file=/dev/null",
                    f"--log-fd={writer.fileno()}",
                    "--vgdb=no",
                    "--error-limit=yes",
                    "./prog",
                ),
                root=self._context.root,
                limits=replace(
                    process_limits(limits),
                    cpu_seconds=SLOWDOWN * limits.cpu_seconds,
                    wall_seconds=30.0 * SLOWDOWN * limits.cpu_seconds,
                    memory_bytes=limits.memory_bytes + (1 << 30),
                    # A child's instructions would go uncounted.
                    processes=1,
                    open_files=2048,
                ),
                stdin=data,
                readonly={"/work/prog": program, _INSIDE: self._folder},
                env={
                    "VALGRIND_LIB": _INSIDE,
                    "VALGRIND_LAUNCHER": f"{_INSIDE}/valgrind",
                    "GLIBC_TUNABLES": _TUNABLES,
                },
                pass_fds=(writer.fileno(),),
            )
            completed = self._context.isolation.run(command)
            writer.close()
            log = _drain(reader)
        if completed.limit == "cpu":
            raise SandboxError("a program that ends natively ran out of CPU time under Valgrind")
        run = as_run(completed)
        counts = _counts(log)
        if counts is None:
            return Run(Ending.ENGINE_CRASH, 0, run.stdout, message="Valgrind printed no counts")
        return replace(run, ticks=TICKS_PER_CYCLE * _cycles(counts), instructions=counts["I refs"], detail=counts)


def _drain(reader: socket.socket) -> bytes:
    data = bytearray()
    while chunk := reader.recv(1 << 16):
        data += chunk
    return bytes(data)


def _counts(log: bytes) -> dict[str, int] | None:
    """The summary of Valgrind's log; of data references and misses, the reads are kept apart."""
    counts = {}
    for name, value, rest in _COUNT.findall(log):
        key = b" ".join(name.split()).decode()
        counts[key] = int(value.replace(b",", b""))
        reads = _READS.search(rest)
        if reads:
            counts[f"{key} read"] = int(reads[1].replace(b",", b""))
    return counts if "I refs" in counts and "Mispredicts" in counts else None


def _cycles(counts: Mapping[str, int]) -> int:
    return (
        counts["I refs"] * COSTS["half_instructions"] // 2
        + COSTS["l1_miss"] * (counts["I1 misses"] + counts["D1 misses read"])
        + COSTS["ll_miss"] * (counts["LLi misses"] + counts["LLd misses read"])
        + COSTS["misprediction"] * counts["Mispredicts"]
    )
