"""From source to binary: contained, limited, and the same bytes whoever compiles it where."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from sandbox.isolation.base import Command, Isolation, ProcessLimits
from sandbox.scratch import scratch_folder
from sandbox.toolchain.base import ToolchainRoot
from sandbox.types import Limits

MESSAGE_BYTES = 4000
"""How much of a compiler's message is kept."""

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
        SandboxError: The isolation failed, or the compiler isn't there.
    """
    with tempfile.TemporaryDirectory(prefix="compile-", dir=scratch_folder()) as temporary:
        folder = Path(temporary)
        folder.chmod(0o755)
        source_file, out_folder = folder / "prog.cpp", folder / "out"
        source_file.write_text(source, encoding="utf-8", errors="surrogatepass")
        source_file.chmod(0o444)
        out_folder.mkdir(mode=0o700)
        result = isolation.run(
            Command(
                argv=(root.compiler, *root.flags, "prog.cpp", "-o", "/out/prog"),
                root=root,
                limits=ProcessLimits(
                    cpu_seconds=limits.compile_cpu_seconds,
                    wall_seconds=10.0 * limits.compile_cpu_seconds,
                    memory_bytes=limits.compile_memory_bytes,
                    output_bytes=MESSAGE_BYTES,
                    processes=16,
                    file_bytes=limits.binary_bytes,
                    stack_bytes=64 << 20,
                ),
                readonly={"/work/prog.cpp": source_file},
                writable={"/out": out_folder},
                env=_ENVIRONMENT,
            )
        )
        message = result.stderr[-MESSAGE_BYTES:].decode(errors="replace").strip()
        if result.limit is not None:
            return CompileResult(False, f"compilation hit its {result.limit} limit")
        made = out_folder / "prog"
        if result.exit_code != 0 or made.is_symlink() or not made.is_file():
            return CompileResult(False, message or f"the compiler ended with status {result.exit_code}")
        out.write_bytes(made.read_bytes())
        out.chmod(0o755)
        return CompileResult(True, message)
