"""What all tests share: the toolchain roots that are installed, also where a test has a cache folder of its own."""

import os

import pytest

from sandbox.paths import toolchains_folder
from sandbox.scheduler import DEFAULT_TOOLCHAIN
from sandbox.toolchain import ToolchainRoot, get_root
from sandbox.types import SandboxError

os.environ.setdefault("PIE_TOOLCHAINS_DIR", str(toolchains_folder()))
try:
    get_root(DEFAULT_TOOLCHAIN)
except SandboxError:
    os.environ.setdefault("PIE_TOOLCHAIN", "host")  # without a network, say: what is tested is the same


def pytest_report_header() -> str:
    """Which root the tests of whole runs use."""
    return f"toolchain root: {os.environ.get('PIE_TOOLCHAIN', DEFAULT_TOOLCHAIN)}"


@pytest.fixture
def default_root() -> ToolchainRoot:
    """The root of whoever chooses none; the test is skipped where it isn't installed."""
    try:
        return get_root(DEFAULT_TOOLCHAIN)
    except SandboxError as error:
        pytest.skip(str(error))
