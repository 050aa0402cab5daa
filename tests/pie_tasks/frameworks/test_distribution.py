"""What users install: the sdist builds the wheel; wheel and editable install bring everything, the shim included."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[3]

KNOWN = """
from lm_eval.tasks import TaskManager
assert {"pie", "pie_best8", "hellaswag"} <= set(TaskManager().all_tasks)
import lm_eval.models
from lm_eval.api.registry import get_model
assert get_model("pie_replay").__name__ == "ReplayLM"
"""


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files that git knows, so that building leaves nothing in the checkout."""
    folder = tmp_path_factory.mktemp("checkout")
    names = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=REPOSITORY,
        capture_output=True,
        check=True,
    )
    for name in filter(None, names.stdout.decode().split("\0")):
        if (REPOSITORY / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes((REPOSITORY / name).read_bytes())
    return folder


@pytest.fixture(scope="module")
def dist(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An sdist, and the wheel that was built from it."""
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run([sys.executable, "-m", "build", "--outdir", folder, checkout], check=True, capture_output=True)
    return folder


def new_environment(folder: Path) -> Path:
    """The Python of a fresh environment; our dependencies come from this one."""
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    site = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True,
        text=True,
        check=True,
    )
    (Path(site.stdout.strip()) / "zz_dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return python


def install(python: Path, *what: object) -> None:
    """pip-install without dependencies, and without seeing those of the other environment."""
    command = [python, "-m", "pip", "install", "--quiet", "--no-deps", *map(str, what)]
    subprocess.run(command, check=True, capture_output=True)


def succeeds(cwd: Path, *command: object) -> str:
    ended = subprocess.run([*map(str, command)], cwd=cwd, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def test_sdist_can_build_and_wheel_is_complete(dist: Path) -> None:
    (sdist,), (wheel,) = dist.glob("*.tar.gz"), dist.glob("*.whl")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"tools/packaging/build_backend.py", "tools/packaging/pie_tasks_startup.pth", "LICENSE"} <= names
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        record = next(name for name in names if name.endswith("/RECORD"))
        assert {line.split(",")[0] for line in archive.read(record).decode().splitlines()} == names
    assert {"pie_tasks_startup.pth", "pie_tasks_startup.py", "pie_tasks/lm_eval/_pie_yaml"} <= names
    assert {"pie_tasks/dataset/mini/test.jsonl", "pie_tasks/dataset/mini/generations.jsonl"} <= names


def test_wheel_installs_into_an_empty_environment(dist: Path, tmp_path: Path) -> None:
    python = new_environment(tmp_path / "env")
    install(python, next(dist.glob("*.whl")))
    succeeds(tmp_path, python, "-c", KNOWN)
    assert "score" in succeeds(tmp_path, python.with_name("pie"), "--help")
    listed = succeeds(
        tmp_path,
        python,
        "-c",
        "import inspect_ai._util.registry as r; print(r.registry_lookup('task', 'pie_tasks/pie'))",
    )
    assert "pie" in listed and "None" not in listed


def test_editable_install_brings_the_shim(checkout: Path, tmp_path: Path) -> None:
    python = new_environment(tmp_path / "env")
    install(python, "--editable", checkout)
    code = "import sys, pie_tasks; assert 'pie_tasks_startup' in sys.modules; print(pie_tasks.__file__)"
    assert succeeds(tmp_path, python, "-c", code).strip() == str(checkout / "pie_tasks" / "__init__.py")
