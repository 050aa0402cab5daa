"""The start-up shim: what it adds to lm-eval, when it keeps out, and what it costs everybody else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SHIM = Path(__file__).parents[3] / "tools" / "packaging" / "pie_tasks_startup.py"

MANAGER = """
class TaskManager:
    def __init__(self, verbosity=None, include_path=None, include_defaults=True, metadata=None):
        self.paths = include_path
"""

NEWER = """
from importlib.metadata import entry_points

def installed():
    return [entry.value for entry in entry_points(group="lm_eval.tasks")]
"""


@pytest.fixture
def lm_eval_of(tmp_path: Path) -> Path:
    """An lm-eval that can do nothing but construct a ``TaskManager``."""
    package = tmp_path / "lm_eval"
    (package / "tasks").mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "tasks" / "__init__.py").write_text(MANAGER)
    return package


def ask(code: str, *paths: Path) -> str:
    """What a fresh Python prints that has only the shim, our packages and ``paths``."""
    start = f"import sys; sys.path[:0] = {[str(path) for path in paths]!r}; import pie_tasks_startup\n"
    ended = subprocess.run(
        [sys.executable, "-S", "-c", start + code],
        env={"PYTHONPATH": f"{SHIM.parent}:{Path(__file__).parents[3]}"},
        capture_output=True,
        text=True,
        check=True,
    )
    return ended.stdout.strip()


def test_our_folder_is_added_before_the_users_own(lm_eval_of: Path) -> None:
    code = "from lm_eval.tasks import TaskManager\nprint(TaskManager({}).paths)"
    ours = str(Path(__file__).parents[3] / "pie_tasks" / "lm_eval")
    assert ask(code.format(""), lm_eval_of.parent) == str([ours])
    assert ask(code.format("include_path='/mine'"), lm_eval_of.parent) == str([ours, "/mine"])
    assert ask(code.format("None, ['/a', '/b']"), lm_eval_of.parent) == str([ours, "/a", "/b"])
    assert ask(code.format(f"include_path={ours!r}"), lm_eval_of.parent) == ours


def test_nothing_is_added_without_defaults(lm_eval_of: Path) -> None:
    code = "from lm_eval.tasks import TaskManager\nprint(TaskManager(include_defaults=False).paths)"
    assert ask(code, lm_eval_of.parent) == "None"


def test_it_keeps_out_where_lm_eval_reads_entry_points(lm_eval_of: Path) -> None:
    (lm_eval_of / "tasks" / "_plugins.py").write_text(NEWER)
    code = "from lm_eval.tasks import TaskManager\nprint(TaskManager().paths)"
    assert ask(code, lm_eval_of.parent) == "None"


def test_it_imports_nothing_at_start_up() -> None:
    """What a Python has imported with the shim is what it has without, and the shim."""
    with_shim = ask("import sys; print(*sorted(sys.modules))").split()
    without = ask("import sys; del sys.modules['pie_tasks_startup']; print(*sorted(sys.modules))").split()
    assert sorted(set(with_shim) - set(without)) == ["pie_tasks_startup"]
    assert not any(name.startswith(("pie_tasks.", "lm_eval", "inspect", "importlib.metadata")) for name in with_shim)
