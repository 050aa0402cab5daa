"""Which lines of a program an input reaches: gcov, with compiler, program and gcov itself contained."""

from __future__ import annotations

import gzip
import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.isolation.base import Command, Isolation, ProcessLimits
from sandbox.scratch import scratch_folder
from sandbox.toolchain.base import ToolchainRoot
from sandbox.types import Limits

_SOURCE = "source.cpp"
_NOTES = "prog.gcno"  # the compiler's name for what gcov needs of the program
_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TMPDIR": "/tmp"}
_REPORT_BYTES = 8 << 20


@dataclass(frozen=True)
class Coverage:
    """Lines of one program.

    Attributes:
        lines: All lines that hold code.
        reached: For each input, the lines that were executed; empty where the run left no trace (a crash, a limit).
    """

    lines: frozenset[int]
    reached: tuple[frozenset[int], ...]

    def share(self, chosen: Sequence[int]) -> float:
        """The share of lines that some inputs reach together, 0 to 1."""
        together = frozenset[int]().union(*(self.reached[index] for index in chosen))
        return len(together) / len(self.lines) if self.lines else 0.0


def line_coverage(
    source: str, inputs: Sequence[bytes], root: ToolchainRoot, isolation: Isolation, limits: Limits
) -> Coverage | None:
    """The lines of ``source`` that each input reaches; ``None`` where it doesn't compile for coverage.

    Raises:
        SandboxError: The isolation failed.
    """
    with tempfile.TemporaryDirectory(prefix="coverage-", dir=scratch_folder()) as temporary:
        folder = Path(temporary)
        folder.chmod(0o755)
        source_file, work = folder / _SOURCE, folder / "work"
        source_file.write_text(source, encoding="utf-8", errors="surrogatepass")
        source_file.chmod(0o444)
        work.mkdir(mode=0o700)
        bench = _Bench(root, isolation, limits, source_file, work)
        if not bench.compile():
            return None
        reached = tuple(bench.run(data) for data in inputs)
        return Coverage(frozenset(line for line, _ in bench.report()) | frozenset().union(*reached), reached)


@dataclass(frozen=True)
class _Bench:
    root: ToolchainRoot
    isolation: Isolation
    limits: Limits
    source: Path
    work: Path

    def compile(self) -> bool:
        flags = [flag for flag in self.root.flags if not flag.startswith("-O")]
        compiler = (self.root.compiler, *flags, "-O0", "--coverage")
        # In two steps, for only then all versions give the notes the same name.
        for step in (("-c", f"/source/{_SOURCE}", "-o", "/cover/prog.o"), ("/cover/prog.o", "-o", "/cover/prog")):
            limits = self.limits.compile_cpu_seconds, self.limits.compile_memory_bytes
            code, _ = self._contained((*compiler, *step), *limits)
            if code != 0:
                return False
        return True

    def run(self, data: bytes) -> frozenset[int]:
        for trace in self.work.glob("*.gcda"):
            trace.unlink()
        # A program that is instrumented and not optimised is some times slower.
        self._contained(("/cover/prog",), 5 * self.limits.cpu_seconds, self.limits.memory_bytes, data)
        return frozenset(line for line, count in self.report() if count > 0)

    def report(self) -> Iterator[tuple[int, int]]:
        """Line and number of executions, as gcov says it of the last run."""
        gcov = self.root.compiler.replace("g++", "gcov")
        code, output = self._contained(
            (gcov, "--json-format", "--stdout", _NOTES), self.limits.compile_cpu_seconds, None
        )
        if code != 0:
            return
        for file in _parse(output):
            if Path(str(file.get("file", ""))).name == _SOURCE:
                for line in file.get("lines", []):
                    yield int(line["line_number"]), int(line["count"])

    def _contained(
        self, argv: tuple[str, ...], cpu_seconds: int, memory_bytes: int | None, stdin: bytes | None = None
    ) -> tuple[int | None, bytes]:
        done = self.isolation.run(
            Command(
                argv=argv,
                root=self.root,
                limits=ProcessLimits(
                    cpu_seconds=cpu_seconds,
                    wall_seconds=10.0 * cpu_seconds + 60,
                    memory_bytes=memory_bytes,
                    output_bytes=_REPORT_BYTES,
                    processes=16,
                    stack_bytes=64 << 20,
                    idle_seconds=5.0,
                ),
                stdin=stdin,
                readonly={f"/source/{_SOURCE}": self.source},
                writable={"/cover": self.work},
                env=_ENVIRONMENT,
                cwd="/cover",
            )
        )
        return (None if done.limit else done.exit_code), done.stdout


def _parse(output: bytes) -> list[dict[str, Any]]:
    """gcov's files; nothing where a program has spoilt its own trace."""
    try:
        text = gzip.decompress(output) if output.startswith(b"\x1f\x8b") else output
        return [file for line in text.splitlines() if line.strip() for file in json.loads(line).get("files", [])]
    except (ValueError, OSError, EOFError, AttributeError):
        return []
