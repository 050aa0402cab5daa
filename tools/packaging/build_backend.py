"""Build backend: setuptools, plus the two start-up files at the top of every wheel, editable ones included.

Setuptools has no public way to install a ``.pth`` file beside a package. A wheel is a zip file whose RECORD lists its
files, so adding the files to the finished wheel needs no private interface and works for both kinds alike.
"""

from __future__ import annotations

import base64
import hashlib
import shutil
import tempfile
import zipfile
from pathlib import Path

from setuptools import build_meta
from setuptools.build_meta import (
    build_sdist,
    get_requires_for_build_editable,
    get_requires_for_build_sdist,
    get_requires_for_build_wheel,
    prepare_metadata_for_build_editable,
    prepare_metadata_for_build_wheel,
)

__all__ = [
    "build_editable",
    "build_sdist",
    "build_wheel",
    "get_requires_for_build_editable",
    "get_requires_for_build_sdist",
    "get_requires_for_build_wheel",
    "prepare_metadata_for_build_editable",
    "prepare_metadata_for_build_wheel",
]

STARTUP_FILES = ("pie_tasks_startup.pth", "pie_tasks_startup.py")


def build_wheel(
    wheel_directory: str, config_settings: dict[str, str] | None = None, metadata_directory: str | None = None
) -> str:
    """Build a wheel with the start-up files."""
    name: str = build_meta.build_wheel(wheel_directory, config_settings, metadata_directory)
    add_startup_files(Path(wheel_directory) / name)
    return name


def build_editable(
    wheel_directory: str, config_settings: dict[str, str] | None = None, metadata_directory: str | None = None
) -> str:
    """Build an editable wheel with the start-up files."""
    name: str = build_meta.build_editable(wheel_directory, config_settings, metadata_directory)
    add_startup_files(Path(wheel_directory) / name)
    return name


def add_startup_files(wheel: Path) -> None:
    """Copy the start-up files into the root of ``wheel`` and enter them in its RECORD."""
    here = Path(__file__).parent
    with tempfile.TemporaryDirectory(dir=wheel.parent) as folder:
        larger = Path(folder) / wheel.name
        with zipfile.ZipFile(wheel) as old, zipfile.ZipFile(larger, "w", zipfile.ZIP_DEFLATED) as new:
            for entry in old.infolist():
                content = old.read(entry)
                if entry.filename.endswith(".dist-info/RECORD"):
                    content += "".join(record_line(here / name) for name in STARTUP_FILES).encode()
                new.writestr(entry, content)
            for name in STARTUP_FILES:
                new.writestr(zipfile.ZipInfo(name), (here / name).read_bytes())
        shutil.move(larger, wheel)


def record_line(file: Path) -> str:
    """A RECORD line: name, hash, size."""
    content = file.read_bytes()
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
    return f"{file.name},sha256={digest},{len(content)}\n"
