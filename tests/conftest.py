"""What all tests share: the toolchain roots that are installed, also where a test has a cache folder of its own."""

import os

from sandbox.paths import toolchains_folder
from sandbox.toolchain import get_root
from sandbox.types import SandboxError

os.environ.setdefault("PIE_TOOLCHAINS_DIR", str(toolchains_folder()))


def pytest_report_header() -> str:
    """Whether the tests that need the root ``paper`` run."""
    try:
        return f"toolchain root paper: {get_root('paper').path}"
    except SandboxError as error:
        return f"toolchain root paper: {error}"
