"""The README's Python example does what it says."""

import re
from pathlib import Path

import pytest

README = Path(__file__).parents[1] / "README.md"


@pytest.mark.usefixtures("default_root")
def test_the_script_runs(capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("PIE_CACHE_DIR", str(tmp_path))
    monkeypatch.setenv("PIE_STORE", str(tmp_path / "store.sqlite"))
    examples = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
    assert examples
    for example in examples:
        exec(compile(example, str(README), "exec"), {})
    assert 0 < float(capsys.readouterr().out) < 1


def test_there_are_two_setup_commands():
    section = README.read_text().split("## Set up on a fresh Debian machine")[1].split("\n## ")[0]
    assert len(re.findall(r"```sh\n[^\n]+\n```", section)) == 2
