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

The counts come back in a file that Valgrind truncates and writes after the program's end. The program could write to it
before, which is lost then; so that it can't have the last word, it can neither fork, nor be replaced by another, nor
change the file's mode. A program that overwrites Valgrind's own memory, which lies in the same process, isn't stopped.
"""

from __future__ import annotations

import re
import shutil
import struct
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from sandbox.engines import ENGINES
from sandbox.engines.base import EngineContext
from sandbox.engines.native import as_run, process_limits
from sandbox.isolation.base import Command, ProcessLimits
from sandbox.isolation.seccomp import one_process_filter
from sandbox.scratch import scratch_folder
from sandbox.toolchain import fingerprint
from sandbox.types import TICKS_PER_CYCLE, TICKS_PER_SECOND, Ending, Limits, Run, SandboxError, sha256

VERSION = "1"

CACHES = ("--I1=32768,8,64", "--D1=32768,8,64", "--LL=1048576,16,64")
"""Skylake's first-level caches, and its second level as the last: size in bytes, ways, line size."""

COSTS = {"half_instruction": 1, "l1_miss": 14, "ll_miss": 120, "misprediction": 16}
"""Cycles of each event; instructions count half a cycle."""

SLOWDOWN = 1000
"""CPU time of Valgrind for the limit of simulated time. The slowest instructions of a slow host take half of that."""

_TOOL = "cachegrind-amd64-linux"
_INSIDE = "/valgrind"
_COUNTS = "/counts"
_VALGRIND_BYTES = 1 << 30
_OPTIONS = (
    "--tool=cachegrind",
    "--cache-sim=yes",
    "--branch-sim=yes",
    "--vgdb=no",
    "--demangle=no",
    "--quiet",
    "--main-stacksize=67108864",
)
_FOLDERS = ("/usr/libexec/valgrind", "/usr/lib/x86_64-linux-gnu/valgrind", "/usr/lib/valgrind", "/usr/lib64/valgrind")
# glibc chooses variants of its functions by the processor and its caches: only what every x86-64 has may remain.
# Valgrind counts every iteration of ERMS's "rep movsb".
_FEATURES = """
    AVX AVX2 AVX2_Usable AVX512F AVX512F_Usable AVX512VL AVX512BW AVX_Fast_Unaligned_Load BMI1 BMI2 ERMS F16C FMA
    FMA4 FMA4_Usable FMA_Usable FSRM LZCNT MOVBE POPCNT Prefer_No_VZEROUPPER RTM SSE4_1 SSE4_2 SSSE3 XSAVE XSAVEC
"""
_TUNABLES = ":".join(
    (
        # without the last comma glibc reads on behind the string, into random bytes
        "glibc.cpu.hwcaps=" + "".join(f"-{feature}," for feature in _FEATURES.split()),
        "glibc.cpu.x86_data_cache_size=0x8000",
        "glibc.cpu.x86_shared_cache_size=0x100000",
        "glibc.cpu.x86_non_temporal_threshold=0xc0000",
    )
)
_NAMES = {"Ir", "I1mr", "D1mr", "ILmr", "DLmr", "Bcm", "Bim"}
_EVENTS = re.compile(rb"^events: ([^\n]+)$.*^summary: ([^\n]+)$", re.MULTILINE | re.DOTALL)


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
        self._filter = None if self._folder is None else one_process_filter(_code(self._folder / _TOOL))

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
            run = self._run(program, data, limits)
            if run.ending is Ending.ENGINE_CRASH and self._run(program, data, limits).ending is not run.ending:
                raise SandboxError("Valgrind crashed, and not again when repeated; is the machine short of memory?")
            yield run

    def _run(self, program: Path, data: bytes, limits: Limits) -> Run:
        assert self._folder is not None
        with tempfile.NamedTemporaryFile(prefix="counts-", dir=scratch_folder()) as counts_file:
            command = Command(
                argv=(f"{_INSIDE}/{_TOOL}", *_OPTIONS, *CACHES, f"--cachegrind-out-file={_COUNTS}", "./prog"),
                root=self._context.root,
                limits=_process_limits(limits),
                stdin=data,
                readonly={"/work/prog": program, _INSIDE: self._folder},
                writable={_COUNTS: Path(counts_file.name)},
                env={
                    "VALGRIND_LIB": _INSIDE,
                    "VALGRIND_LAUNCHER": f"{_INSIDE}/valgrind",
                    "GLIBC_TUNABLES": _TUNABLES,
                },
                seccomp=self._filter,
            )
            completed = self._context.isolation.run(command)
            counts = _counts(Path(counts_file.name).read_bytes())
        run = as_run(completed)
        if run.ending is not Ending.EXITED:
            return run
        if counts is None:
            return Run(Ending.ENGINE_CRASH, 0, run.stdout, message="Valgrind wrote no counts")
        ticks = TICKS_PER_CYCLE * _cycles(counts)
        if ticks > limits.ticks:
            return Run(Ending.TIME_LIMIT, 0, run.stdout)
        return replace(run, ticks=ticks, instructions=counts["Ir"], detail=counts)


def _process_limits(limits: Limits) -> ProcessLimits:
    """Limits of Valgrind itself. A program that uses up this time is over its simulated limit for certain."""
    seconds = max(1, SLOWDOWN * limits.ticks // TICKS_PER_SECOND)
    return replace(
        process_limits(limits),
        cpu_seconds=seconds,
        wall_seconds=30.0 * seconds + 60,
        memory_bytes=limits.memory_bytes + _VALGRIND_BYTES,
        open_files=256,
    )


def _code(tool: Path) -> list[range]:
    """Addresses of the tool's own code, from the program headers of its ELF file.

    Raises:
        SandboxError: It isn't built for fixed addresses.
    """
    data = tool.read_bytes()
    kind, header, size, count = (
        *struct.unpack_from("<H", data, 16),
        *struct.unpack_from("<Q", data, 32),
        *struct.unpack_from("<HH", data, 54),
    )
    segments = [struct.unpack_from("<IIQQQQQ", data, header + index * size) for index in range(count)]
    code = [range(start, start + length) for load, flags, _, start, _, _, length in segments if load == 1 and flags & 1]
    if kind != 2 or not code or code[-1].stop >= 1 << 32:
        raise SandboxError(f"{tool} is not built for fixed addresses; install the distribution's Valgrind")
    return code


def _counts(result: bytes) -> dict[str, int] | None:
    """The totals of cachegrind's result file, by cachegrind's names of events."""
    found = _EVENTS.search(result)
    try:
        counts = dict(zip(found[1].decode().split(), map(int, found[2].split()), strict=True)) if found else {}
    except ValueError:
        return None
    return counts if counts.keys() >= _NAMES and min(counts.values()) >= 0 else None


def _cycles(counts: Mapping[str, int]) -> int:
    return (
        counts["Ir"] * COSTS["half_instruction"] // 2
        + COSTS["l1_miss"] * (counts["I1mr"] + counts["D1mr"])
        + COSTS["ll_miss"] * (counts["ILmr"] + counts["DLmr"])
        + COSTS["misprediction"] * (counts["Bcm"] + counts["Bim"])
    )
