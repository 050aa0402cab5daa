"""The root ``paper``: the compiler and libraries whose programs take the time that PIE recorded.

Debian 11's g++-9 9.3.0, glibc 2.31 and libstdc++ 10.2, with the flags that Ubuntu 20.04's compiler has built in. They
are unpacked from pinned packages (``paper.json``), without root's rights.
"""

from __future__ import annotations

import functools
import json
import os
import shutil
import tempfile
from importlib import resources
from pathlib import Path

from sandbox.isolation import make_isolation
from sandbox.isolation.base import Command, ProcessLimits
from sandbox.paths import default_cache, make_enterable, toolchains_folder
from sandbox.scratch import scratch_folder
from sandbox.toolchain import TOOLCHAINS
from sandbox.toolchain.base import ToolchainRoot
from sandbox.toolchain.content import content_sha256
from sandbox.toolchain.debian import Package, Progress, fetch, unpack
from sandbox.types import SandboxError

COMPILER = "/usr/bin/g++-9"
FLAGS = (
    "-O3",
    "--std=c++17",
    # what Ubuntu 20.04's compiler does unasked
    "-fstack-protector-strong",
    "-fstack-clash-protection",
    "-fcf-protection",
    "-D_FORTIFY_SOURCE=2",
    "-Wl,-z,relro",
    "-Wl,-z,now",
)
MIRRORS = ("http://deb.debian.org/debian", "http://archive.debian.org/debian")
"""Debian 11 moves from the first to the second when its support ends."""

_INSTALL = "install it: pie toolchain install paper"
_OR_HOST = "(or choose this machine's own compiler, another clock: PIE_TOOLCHAIN=host)"
_LIBRARY_FOLDERS = "/lib/x86_64-linux-gnu\n/usr/lib/x86_64-linux-gnu\n"


def folder() -> Path:
    """Where the root is, or would be, installed."""
    return toolchains_folder() / "paper"


@functools.cache
def _pinned() -> tuple[str, tuple[Package, ...]]:
    """The content hash and the packages that make it."""
    pinned = json.loads(resources.files("sandbox.toolchain").joinpath("paper.json").read_text(encoding="utf-8"))
    return pinned["content_sha256"], tuple(Package(**package) for package in pinned["packages"])


@TOOLCHAINS.register("paper")
def paper() -> ToolchainRoot:
    """The installed root.

    Raises:
        SandboxError: It isn't installed, or something in it has changed.
    """
    content, packages = _pinned()
    if not folder().is_dir():
        raise SandboxError(f"the toolchain root 'paper' is not installed; {_INSTALL} {_OR_HOST}")
    if content_sha256(folder()) != content:
        raise SandboxError(f"the toolchain root 'paper' in {folder()} has been changed; remove it and {_INSTALL}")
    versions = {package.name: package.version for package in packages}
    identity = {
        "compiler": f"g++-9 {versions['g++-9']}",
        "libc": versions["libc6"],
        "libstdc++": versions["libstdc++6"],
        "content_sha256": content,
    }
    return ToolchainRoot("paper", folder(), COMPILER, FLAGS, identity)


def install_paper(progress: Progress) -> ToolchainRoot:
    """Download, unpack and check the root; nothing is done if it is there, and an interrupted download goes on.

    Args:
        progress: Called with bytes done, bytes in all and the package's name.

    Raises:
        SandboxError: A package can't be had, the content isn't the pinned one, or there is no place for it.
    """
    if not folder().is_dir():
        mirror = os.environ.get("PIE_DEBIAN_MIRROR")
        archives = default_cache() / "packages"
        paths = fetch(_pinned()[1], (mirror,) if mirror else MIRRORS, archives, progress)
        try:
            make_enterable(folder().parent)
            with tempfile.TemporaryDirectory(prefix=".paper-", dir=folder().parent) as temporary:
                root = Path(temporary) / "root"
                Path(temporary).chmod(0o755)
                make_enterable(root)
                for path in paths:
                    unpack(path, root)
                _index_libraries(root)
                if (made := content_sha256(root)) != _pinned()[0]:
                    raise SandboxError(f"the unpacked root 'paper' isn't the pinned one (content {made})")
                root.replace(folder())
        except OSError as error:
            raise SandboxError(f"can't install the toolchain root 'paper' ({error}); set PIE_CACHE_DIR") from None
        shutil.rmtree(archives)
    return paper()


def _index_libraries(root: Path) -> None:
    """Write the dynamic loader's index with the root's own ``ldconfig``: programs start by reading it."""
    with tempfile.TemporaryDirectory(prefix="ldconfig-", dir=scratch_folder()) as temporary:
        made, config = Path(temporary) / "made", Path(temporary) / "ld.so.conf"
        Path(temporary).chmod(0o755)
        made.mkdir(mode=0o700)
        config.write_text(_LIBRARY_FOLDERS)
        result = make_isolation("bubblewrap").run(
            Command(
                argv=("/sbin/ldconfig", "-X", "-f", "/work/ld.so.conf", "-C", "/made/ld.so.cache"),
                root=ToolchainRoot("paper", root, COMPILER, FLAGS, {}),
                limits=ProcessLimits(
                    cpu_seconds=60, wall_seconds=600, memory_bytes=1 << 30, output_bytes=1 << 16, processes=4
                ),
                readonly={"/work/ld.so.conf": config},
                writable={"/made": made},
            )
        )
        index = made / "ld.so.cache"
        if result.exit_code != 0 or not index.is_file():
            raise SandboxError(f"ldconfig failed in the root 'paper': {result.stderr.decode(errors='replace').strip()}")
        make_enterable(root / "etc")
        kept = root / "etc" / "ld.so.cache"
        kept.write_bytes(index.read_bytes())
        kept.chmod(0o644)
