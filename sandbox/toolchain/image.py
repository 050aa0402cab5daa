"""Root file systems taken from Docker images, for example ``--toolchain image:alexshypula/gem5-skylake:api``.

The image's files are exported once into a folder; from then on the root is one like any other, under every isolation,
and Docker isn't needed any more. The published evaluation's image holds gem5 and the compiler that PIE was recorded with.
"""

from __future__ import annotations

import json
import os
import re
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from sandbox.paths import make_enterable, toolchains_folder
from sandbox.toolchain.base import ToolchainRoot
from sandbox.toolchain.content import content_sha256
from sandbox.types import SandboxError

PREFIX = "image:"
COMPILER = "/usr/bin/g++"
FLAGS = ("-O3", "--std=c++17")
"""The published evaluation's."""

Progress = Callable[[int, str], None]
"""Called with the number of bytes done and what is being done."""


def folder(image: str) -> Path:
    """Where the root of ``image`` is, or would be, installed."""
    return toolchains_folder() / ("image-" + re.sub(r"[^\w.-]", "-", image))


def image_folder(image: str) -> Path:
    """The installed file system of ``image``.

    Raises:
        SandboxError: It isn't installed.
    """
    if not (folder(image) / "root").is_dir():
        raise SandboxError(f"the image {image} is not installed; install it: pie engine pull gem5 {image}")
    return folder(image) / "root"


def image_root(image: str) -> ToolchainRoot:
    """The installed file system of ``image`` as a toolchain root.

    Raises:
        SandboxError: It isn't installed, or has no compiler.
    """
    path = image_folder(image)
    if not os.path.lexists(path / COMPILER.lstrip("/")):
        raise SandboxError(f"the image {image} has no compiler {COMPILER}; choose another toolchain, for example paper")
    identity = {
        "compiler": COMPILER,
        "image": json.loads((folder(image) / "image.json").read_text())["id"],
        "content_sha256": content_sha256(path),
    }
    return ToolchainRoot(PREFIX + image, path, COMPILER, FLAGS, identity)


def install_image(image: str, progress: Progress) -> Path:
    """Pull ``image`` if Docker hasn't got it, and export its files; nothing is done if they are there.

    Args:
        image: As ``docker pull`` takes it.
        progress: Called as it goes on.

    Returns:
        The root's folder.

    Raises:
        SandboxError: Docker can't be reached, the image can't be had, or there is no place for it.
    """
    if (folder(image) / "root").is_dir():
        return folder(image) / "root"
    import docker
    from docker.errors import DockerException

    try:
        client = docker.from_env(timeout=600)
        identity = _pulled(client, image, progress)
        make_enterable(folder(image).parent)
        with tempfile.TemporaryDirectory(prefix=".image-", dir=folder(image).parent) as temporary:
            made = Path(temporary) / "image"
            Path(temporary).chmod(0o755)
            make_enterable(made / "root")
            container = client.containers.create(image, command=["true"], network_mode="none")
            try:
                extract(_Stream(container.export()), made / "root", progress)
            finally:
                container.remove(force=True)
            (made / "image.json").write_text(json.dumps({"image": image, "id": identity}))
            made.replace(folder(image))
    except DockerException as error:
        raise SandboxError(
            f"can't get the image {image} ({' '.join(str(error).split())[:200]}); start Docker, or name its socket with "
            "DOCKER_HOST"
        ) from None
    except OSError as error:
        raise SandboxError(f"can't install the image {image} ({error}); set PIE_CACHE_DIR") from None
    return folder(image) / "root"


def _pulled(client: Any, image: str, progress: Progress) -> str:
    """The id of ``image``, pulled if Docker hasn't got it."""
    from docker.errors import ImageNotFound

    try:
        return str(client.images.get(image).id)
    except ImageNotFound:
        done: dict[str, int] = {}
        for event in client.api.pull(*_name_and_tag(image), stream=True, decode=True):
            if "error" in event:
                raise SandboxError(f"can't pull the image {image}: {event['error']}") from None
            if event.get("status") == "Downloading":
                done[event["id"]] = event.get("progressDetail", {}).get("current", 0)
            progress(sum(done.values()), "download")
        return str(client.images.get(image).id)


def _name_and_tag(image: str) -> tuple[str, str]:
    name, colon, tag = image.rpartition(":")
    return (name, tag) if colon and "/" not in tag else (image, "latest")


def extract(stream: Any, root: Path, progress: Progress) -> None:
    """Unpack an exported file system as an ordinary user: no devices, no set-user-id bits, nothing outside of ``root``.

    Args:
        stream: Something with a ``read(size)``: a tar archive.
        root: An empty folder.
        progress: Called as it goes on.

    Raises:
        SandboxError: A name leads out of ``root``.
    """
    done = 0
    with tarfile.open(fileobj=stream, mode="r|") as archive:
        for member in archive:
            path = root / _inside(member.name)
            if any(parent.is_symlink() for parent in path.parents if parent.is_relative_to(root)):
                raise SandboxError(f"the image holds {member.name} behind a link")
            make_enterable(path.parent)
            if member.isdir():
                make_enterable(path)
            elif member.issym():
                path.symlink_to(member.linkname)
            elif member.islnk():
                path.hardlink_to(root / _inside(member.linkname))
            elif member.isfile() and (content := archive.extractfile(member)) is not None:
                with path.open("wb") as file:
                    while block := content.read(1 << 20):
                        file.write(block)
                        done += len(block)
                        progress(done, "unpack")
                path.chmod(0o755 if member.mode & 0o100 else 0o644)


def _inside(name: str) -> PurePosixPath:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts:
        raise SandboxError(f"the image holds the name {name}, which leads out of the root")
    return path


class _Stream:
    """A readable file of an iterator's blocks."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self._rest = b""

    def read(self, size: int) -> bytes:
        parts = [self._rest]
        while sum(map(len, parts)) < size and (block := next(self._blocks, b"")):
            parts.append(block)
        whole = b"".join(parts)
        self._rest = whole[size:]
        return whole[:size]
