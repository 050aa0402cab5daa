"""A small synthetic copy of the official files."""

import subprocess
import sys
from pathlib import Path

import pytest

MAKE = Path(__file__).parents[3] / "tools" / "synthetic_official" / "make.py"


@pytest.fixture(scope="session")
def official(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty problems with twelve tests each, in the official layout."""
    folder = tmp_path_factory.mktemp("official")
    subprocess.run([sys.executable, MAKE, folder, "--problems", "20", "--tests", "12"], check=True, capture_output=True)
    return folder
