"""Build the plugin and gather what runs it: QEMU and the libraries of this machine in one folder, cached by content.

A program is measured inside its toolchain root, which has no QEMU and other libraries than QEMU needs. So QEMU, its
dynamic loader, its libraries and the plugin go into a folder of their own, which is shown read-only in every root.
"""

from __future__ import annotations

import functools
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from sandbox.paths import make_enterable, visible_cache
from sandbox.types import SandboxError, sha256

SOURCES = Path(__file__).parent
FLAGS = ("-std=c++17", "-O3", "-fPIC", "-shared", "-fvisibility=hidden", "-DNDEBUG")
"""No flag depends on the building machine's processor: the model computes in integers and tables alone."""

_ZYDIS_HEADER = Path("/usr/include/Zydis/Zydis.h")
_LIBRARY = re.compile(r"^\s*(?:\S+ => )?(/\S+) \(0x[0-9a-f]+\)$", re.M)


@dataclass(frozen=True)
class Built:
    """A folder ready to be shown in a root.

    Attributes:
        folder: Holds ``ld.so``, ``qemu-x86_64``, ``skylake.so`` and their libraries.
        sources_sha256: Hash of the plugin's and the model's sources and flags.
        qemu_version: As QEMU tells it.
        qemu_sha256: Hash of the QEMU program.
    """

    folder: Path
    sources_sha256: str
    qemu_version: str
    qemu_sha256: str


def find_qemu() -> Path:
    """The QEMU of this machine.

    Raises:
        SandboxError: There is none.
    """
    found = shutil.which("qemu-x86_64")
    if found is None:
        raise SandboxError("engine skylake needs QEMU's user mode: apt install qemu-user (Debian, Ubuntu)")
    return Path(found).resolve()


@functools.cache
def build(cache: Path) -> Built:
    """Compile the plugin, or find it compiled, below ``cache``.

    Raises:
        SandboxError: A package is missing, or the compiler fails.
    """
    qemu = find_qemu()
    compiler = shutil.which("g++")
    if compiler is None:
        raise SandboxError("engine skylake is built by g++: apt install g++ (Debian, Ubuntu)")
    if not _ZYDIS_HEADER.is_file():
        raise SandboxError("engine skylake needs the decoder library Zydis: apt install libzydis-dev (Debian, Ubuntu)")
    version = _output(str(qemu), "--version").splitlines()[0]
    flags = (*FLAGS, f"-DSKYLAKE_PLUGIN_API={_plugin_api(version)}")
    sources = sorted(path for path in SOURCES.rglob("*") if path.suffix in (".cpp", ".h"))
    sources_sha256 = sha256(
        b"\0".join(part for path in sources for part in (path.name.encode(), path.read_bytes())) + repr(flags).encode()
    )
    qemu_sha256 = sha256(qemu.read_bytes())
    key = sha256(f"{sources_sha256} {qemu_sha256} {_output(compiler, '--version')}".encode())
    folder = visible_cache(cache) / "skylake" / key[:16]
    if not folder.is_dir():
        _make(folder, compiler, flags, sources, qemu)
    return Built(folder, sources_sha256, version, qemu_sha256)


def _plugin_api(version: str) -> int:
    """The plugin interface that a QEMU speaks: 1 before release 9, 2 and up since (which still take 2)."""
    major = re.search(r"version (\d+)", version)
    return 1 if major is not None and int(major[1]) < 9 else 2


def _make(folder: Path, compiler: str, flags: tuple[str, ...], sources: list[Path], qemu: Path) -> None:
    make_enterable(folder.parent)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".building-") as temporary:
        made = Path(temporary) / "made"
        made.mkdir()
        plugin = made / "skylake.so"
        units = [str(path) for path in sources if path.suffix == ".cpp"]
        compiled = subprocess.run(
            [compiler, *flags, *units, "-o", str(plugin), "-lZydis"], capture_output=True, text=True, check=False
        )
        if compiled.returncode != 0:
            error = next((line for line in compiled.stderr.splitlines() if "error" in line), compiled.stderr.strip())
            raise SandboxError(f"the skylake plugin doesn't compile: {error}")
        shutil.copy(qemu, made / "qemu-x86_64")
        for name in _LIBRARY.findall(_output("ldd", str(qemu)) + _output("ldd", str(plugin))):
            library = Path(name)
            inside = "ld.so" if library.name.startswith("ld-linux") else library.name
            shutil.copy(library.resolve(), made / inside)
        for path in (made, *made.iterdir()):
            path.chmod(0o755)
        try:
            made.rename(folder)
        except OSError:
            if not folder.is_dir():  # another process was faster otherwise
                raise


def _output(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
