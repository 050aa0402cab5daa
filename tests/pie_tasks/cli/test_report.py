"""What ``pie report`` prints."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pie_tasks.cli.report import print_headline
from tests.scorers.synthetic_runs import synthetic_run


def test_a_model_s_name_is_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    run, _ = synthetic_run()
    print_headline(replace(run, about=replace(run.about, model="[/b]x")))
    assert "[/b]x" in capsys.readouterr().out
