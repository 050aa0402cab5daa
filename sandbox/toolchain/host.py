"""The root ``host``: whatever compiler and libraries this machine has. For a quick start."""

from __future__ import annotations

import functools
import shutil
import subprocess
from pathlib import Path

from sandbox.toolchain import TOOLCHAINS
from sandbox.toolchain.base import ToolchainRoot
from sandbox.types import SandboxError, sha256

FLAGS = ("-O3", "--std=c++17")
"""The published evaluation's flags."""

_LIBRARIES = ("libstdc++.so.6", "libgcc_s.so.1", "libm.so.6", "libc.so.6", "crti.o", "crtbeginS.o")


@TOOLCHAINS.register("host")
@functools.cache
def host() -> ToolchainRoot:
    """The host as a root; its identity is the content of compiler and libraries.

    Raises:
        SandboxError: There is no g++.
    """
    compiler = shutil.which("g++", path="/usr/bin:/bin")
    if compiler is None:
        raise SandboxError("no C++ compiler: g++ is not installed (Debian, Ubuntu: apt install g++)")
    identity = {"compiler": _ask(compiler, "--version").splitlines()[0]}
    parts = {name: _ask(compiler, f"-print-file-name={name}") for name in _LIBRARIES}
    parts |= {name: _ask(compiler, f"-print-prog-name={name}") for name in ("cc1plus", "as", "ld")}
    for name, answer in parts.items():
        path = Path(answer if "/" in answer else shutil.which(answer, path="/usr/bin:/bin") or "")
        if not path.is_file():
            raise SandboxError(f"the C++ compiler is incomplete: it has no {name} (Debian, Ubuntu: apt install g++)")
        identity[name] = sha256(path.read_bytes())
    return ToolchainRoot("host", Path("/"), compiler, FLAGS, identity)


def _ask(compiler: str, question: str) -> str:
    return subprocess.run([compiler, question], capture_output=True, text=True, check=True).stdout.strip()
