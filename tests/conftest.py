"""What all tests share: the toolchain roots that are installed, also where a test has a cache folder of its own."""

import os

import pytest

from sandbox.paths import toolchains_folder
from sandbox.scheduler import DEFAULT_TOOLCHAIN
from sandbox.toolchain import get_root
from sandbox.types import SandboxError

os.environ.setdefault("PIE_TOOLCHAINS_DIR", str(toolchains_folder()))
try:
    PAPER = str(get_root("paper").path)
except SandboxError as missing:
    PAPER = f"{missing}; until then tests of a user who chooses no toolchain root take the root host"
    os.environ.setdefault("PIE_TOOLCHAIN", "host")


@pytest.fixture
def default_root() -> None:
    """For tests of a user who chooses nothing at all."""
    try:
        get_root(DEFAULT_TOOLCHAIN)
    except SandboxError as error:
        pytest.skip(str(error))


def pytest_report_header() -> str:
    """Whether the tests that need the root ``paper`` run."""
    return f"toolchain root paper: {PAPER}"
