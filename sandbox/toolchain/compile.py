"""From source to binary: contained, limited, and the same bytes whoever compiles it where."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from sandbox.isolation.base import Command, Isolation, ProcessLimits
from sandbox.scratch import scratch_folder
from sandbox.toolchain.base import ToolchainRoot
from sandbox.toolchain.headers import is_audited, precompiled, uses_header
from sandbox.types import Limits, SandboxError

MESSAGE_BYTES = 4000
"""How much of a compiler's message is kept."""

_KILLED = "Killed signal terminated program"
"""What GCC says of a part of it that the kernel has killed."""
_IDLE_SECONDS = 20.0
"""A program can make its compiler wait for ever, for example by including what it has open."""
_HEADER_BYTES = 1 << 30
_ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "LC_ALL": "C",
    "TMPDIR": "/tmp",
    "SOURCE_DATE_EPOCH": "0",  # what __DATE__ and __TIME__ say
}


@dataclass(frozen=True)
class CompileResult:
    """Whether a program compiled, and what the compiler said."""

    ok: bool
    message: str


def compile_source(source: str, root: ToolchainRoot, isolation: Isolation, limits: Limits, out: Path) -> CompileResult:
    """Compile ``source`` with the root's compiler and flags into the file ``out``.

    The compiler sees the root and the program, under a name that is always the same: nothing of this machine gets into
    the binary, and no file of it into a message.

    Raises:
        SandboxError: The isolation failed, the compiler isn't there or made progress for too long by the wall clock, or a
            precompiled header changed the program.
    """
    compiler = _Compiler(root, isolation, limits)
    headers = None
    if uses_header(source):
        unhurried = _Compiler(root, isolation, Limits())  # the header is for all programs, whatever this one's limits
        headers = precompiled(root, isolation.name, unhurried.precompile, unhurried.program)
    result = compiler.run(source, out, headers=headers)
    if not result.ok:
        # A compiler may stumble over a precompiled header (GCC 12 does when a program includes it twice), and a machine
        # that is short of memory kills compilers: only a failure without a header, and one that repeats, is the program's.
        return compiler.run(source, out) if headers is not None or _KILLED in result.message else result
    if headers is None:
        return result
    if is_audited(source) and compiler.program(source, None) != out.read_bytes():
        raise SandboxError(
            f"a precompiled header in {headers} changes the binary of a program; remove that folder and report this"
        )
    return result


@dataclass(frozen=True)
class _Compiler:
    """A root's compiler in its containment."""

    root: ToolchainRoot
    isolation: Isolation
    limits: Limits

    def run(
        self,
        text: str,
        out: Path,
        *,
        name: str = "prog.cpp",
        arguments: tuple[str, ...] = (),
        most: int | None = None,
        headers: Path | None = None,
    ) -> CompileResult:
        """Compile ``text``, a file called ``name``, into ``out``, of at most ``most`` bytes."""
        seconds = self.limits.compile_cpu_seconds
        with tempfile.TemporaryDirectory(prefix="compile-", dir=scratch_folder()) as temporary:
            folder = Path(temporary)
            folder.chmod(0o755)
            source_file, out_folder = folder / name, folder / "out"
            source_file.write_text(text, encoding="utf-8", errors="surrogatepass")
            source_file.chmod(0o444)
            out_folder.mkdir(mode=0o700)
            include = ("-I/headers",) if headers else ()
            result = self.isolation.run(
                Command(
                    argv=(self.root.compiler, *self.root.flags, *include, *arguments, name, "-o", "/out/prog"),
                    root=self.root,
                    limits=ProcessLimits(
                        cpu_seconds=seconds,
                        wall_seconds=10.0 * seconds,
                        memory_bytes=self.limits.compile_memory_bytes,
                        output_bytes=MESSAGE_BYTES,
                        processes=16,
                        file_bytes=most or self.limits.binary_bytes,
                        stack_bytes=64 << 20,
                        idle_seconds=_IDLE_SECONDS,
                    ),
                    readonly={f"/work/{name}": source_file, **({"/headers": headers} if headers else {})},
                    writable={"/out": out_folder},
                    env=_ENVIRONMENT,
                )
            )
            message = result.stderr[-MESSAGE_BYTES:].decode(errors="replace").strip()
            if result.limit == "wall":
                raise SandboxError(
                    "a compiler made progress for too long by the wall clock; is the machine overloaded?"
                )
            if result.limit is not None:
                return CompileResult(False, f"compilation hit its {result.limit} limit")
            made = out_folder / "prog"
            if result.exit_code != 0 or made.is_symlink() or not made.is_file():
                return CompileResult(False, message or f"the compiler ended with status {result.exit_code}")
            out.write_bytes(made.read_bytes())
            out.chmod(0o755)
            return CompileResult(True, message)

    def precompile(self, header: str, out: Path) -> bool:
        """Compile a header into ``out``."""
        return self.run(header, out, name="header.h", arguments=("-x", "c++-header"), most=_HEADER_BYTES).ok

    def program(self, source: str, headers: Path | None) -> bytes | None:
        """The binary of ``source``; ``None`` where it doesn't compile."""
        with tempfile.TemporaryDirectory(prefix="program-", dir=scratch_folder()) as temporary:
            out = Path(temporary) / "prog"
            return out.read_bytes() if self.run(source, out, headers=headers).ok else None
