"""A gem5 binary in an isolation: the toolchain's root is the file system, gem5's own libraries lie beside it.

Programs must see the root that they were compiled in, at its own paths, while gem5 may be at home in another system.
So gem5 is started by the dynamic loader of *its* root, which is told where that root's libraries are; nothing else of
it is visible to a program at a path where it would look.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sandbox.gem5.connection import ProcessTransport
from sandbox.isolation.base import Command, Isolation, ProcessLimits
from sandbox.toolchain.base import ToolchainRoot
from sandbox.types import SandboxError

AGENT_FILES = ("agent.py", "boot.py", "gate.py", "published.py", "skylake.py", "snapshot.py", "verbatim.py")
GEM5_OPTIONS = ("--quiet", "--listener-mode=off", "--outdir=/tmp/m5out", "--stats-file=/dev/null")
"""How the agent's gem5 is started: without a word on standard output, which carries answers, and without a file that a
program could fill with statistics."""

_AGENT = "/agent/sandbox/gem5"
_GEM5 = "/gem5"
_LOADER = "lib64/ld-linux-x86-64.so.2"
_LIBRARIES = (
    "usr/lib/x86_64-linux-gnu",
    "lib/x86_64-linux-gnu",
    "usr/lib64",
    "lib64",
    "usr/lib",
    "lib",
    "usr/local/lib",
)
_FOLDERS = ("usr", "lib", "lib64")
_FOR_EVER = 10**8


@dataclass(frozen=True)
class Binary:
    """A gem5 on this machine.

    Attributes:
        path: The gem5 binary.
        root: The root of the file system in which it runs.
        script: The published configuration script, or ``None`` for our own.
    """

    path: Path
    root: Path
    script: Path | None

    def check(self) -> None:
        """Raise :class:`SandboxError` where this gem5 can't be started."""
        if not self.path.is_file():
            raise SandboxError(f"there is no gem5 binary at {self.path}; see PIE_GEM5")
        if not (self.root / "usr").is_dir():
            raise SandboxError(f"{self.root} is no root file system (it has no usr); see PIE_GEM5_ROOT")
        self._loader()
        if self.script is not None and not self.script.is_file():
            raise SandboxError(f"there is no configuration script at {self.script}; see PIE_GEM5_SCRIPT")

    def _loader(self) -> Path:
        """The root's dynamic loader, its symbolic links followed inside the root."""
        path = self.root / _LOADER
        for _ in range(8):
            parent = path.parent
            if parent.is_symlink():
                path = _inside(self.root, parent, str(parent.readlink())) / path.name
            elif path.is_symlink():
                path = _inside(self.root, path, str(path.readlink()))
            else:
                break
        if not path.is_file():
            raise SandboxError(f"{self.root} has no dynamic loader {_LOADER}; see PIE_GEM5_ROOT")
        return path

    def start(self, toolchain: ToolchainRoot, isolation: Isolation) -> ProcessTransport:
        """Start an agent in ``isolation``."""
        here = Path(__file__).parent
        readonly: dict[str, Path] = {f"{_AGENT}/{name}": here / name for name in AGENT_FILES}
        readonly |= {f"{_GEM5}/gem5": self.path, f"{_GEM5}/ld.so": self._loader()}
        readonly |= {
            f"{_GEM5}/{name}": self.root / name
            for name in _FOLDERS
            if (self.root / name).is_dir() and not (self.root / name).is_symlink()
        }
        libraries = ":".join(f"{_GEM5}/{folder}" for folder in _LIBRARIES)
        gem5 = (f"{_GEM5}/ld.so", "--library-path", libraries, f"{_GEM5}/gem5")
        script: tuple[str, ...] = ()
        if self.script is not None:
            # its modules lie beside it
            readonly["/published"] = self.script.parent
            script = (f"/published/{self.script.name}",)
        process = isolation.popen(
            Command(
                argv=(*gem5, *GEM5_OPTIONS, f"{_AGENT}/boot.py", *script, "--", *gem5),
                root=toolchain,
                limits=ProcessLimits(
                    cpu_seconds=_FOR_EVER,
                    wall_seconds=_FOR_EVER,
                    memory_bytes=None,  # gem5 reserves the simulated memory, 32 GB, without using it
                    output_bytes=0,
                    processes=32,
                    file_bytes=1 << 30,
                    open_files=1024,
                ),
                readonly=readonly,
                env=self._environment(),
            )
        )
        return ProcessTransport(process)

    def _environment(self) -> Mapping[str, str]:
        return {"PYTHONHOME": f"{_GEM5}/usr", "PYTHONDONTWRITEBYTECODE": "1", "LC_ALL": "C.UTF-8"}


def _inside(root: Path, link: Path, target: str) -> Path:
    return root / target.lstrip("/") if target.startswith("/") else link.parent / target
