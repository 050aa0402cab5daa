"""``pie score`` as a long run: progress for people and programs, Ctrl-C, going on where it stopped."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pie_tasks.generations import BUNDLED
from pie_tasks.options import Options
from sandbox.scheduler import SandboxConfig
from sandbox.scheduler.config import open_bench
from sandbox.types import SandboxError

PIE = Path(sys.executable).with_name("pie")
PATIENCE = 600


@pytest.fixture
def command(tmp_path: Path) -> list[str | Path]:
    """A run over one pair and four of its answers."""
    try:
        chosen = Options.resolve({})
        open_bench(SandboxConfig(chosen.engine, chosen.toolchain))
    except SandboxError as error:
        pytest.skip(f"the sandbox can't measure here: {error}")
    row = json.loads(BUNDLED.read_text().splitlines()[0])
    row["generated_answers"] = row["generated_answers"][:4]
    (tmp_path / "generations.jsonl").write_text(json.dumps(row) + "\n")
    return [PIE, "score", tmp_path / "generations.jsonl", "--partial"]


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    return {**os.environ, "PIE_STORE": str(tmp_path / "store.sqlite"), "PIE_CACHE_DIR": str(tmp_path / "cache")}


def test_json_progress_ends_with_everything_done(command: list[str | Path], env: dict[str, str]) -> None:
    ended = subprocess.run(
        [*command, "--progress", "json"], env=env, capture_output=True, text=True, check=True, timeout=PATIENCE
    )
    events = [json.loads(line) for line in ended.stderr.splitlines()]
    assert events[-1]["event"] == "end"
    assert events[-1]["done"] == events[-1]["total"] == 5
    assert sum(events[-1]["verdicts"].values()) == 5
    assert [event["done"] for event in events] == sorted(event["done"] for event in events)
    assert {event["event"] for event in events[:-1]} <= {"progress"}


def test_a_terminal_shows_a_line_and_a_log_or_ci_nothing(command: list[str | Path], env: dict[str, str]) -> None:
    env.pop("CI", None)
    quiet = subprocess.run(command, env=env, capture_output=True, text=True, check=True, timeout=PATIENCE)
    assert quiet.stderr == ""
    shown = on_terminal(command, {**env, "TERM": "xterm", "COLUMNS": "160"})
    assert "5/5" in shown and "5 from the store" in shown and "1 wrong_answer" in shown and "workers" in shown
    assert "5/5" in on_terminal(command, {**env, "TERM": "xterm", "COLUMNS": "80"})
    assert on_terminal(command, {**env, "TERM": "xterm", "CI": "true"}) == ""


def on_terminal(command: list[str | Path], env: dict[str, str]) -> str:
    """What ``command`` writes to standard error where that is a terminal."""
    mine, its = pty.openpty()
    with subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=its) as process:
        os.close(its)
        shown = b""
        try:
            while data := os.read(mine, 1 << 16):
                shown += data
        except OSError:  # the end of a terminal
            pass
    os.close(mine)
    assert process.returncode == 0
    return shown.decode()


def test_an_unknown_style_or_executor_is_one_line(command: list[str | Path], env: dict[str, str]) -> None:
    for variable in ("PIE_PROGRESS", "PIE_EXECUTOR", "PIE_TIMING_TESTS"):
        ended = subprocess.run(
            command, env={**env, variable: "bogus"}, capture_output=True, text=True, check=False, timeout=PATIENCE
        )
        assert ended.returncode == 2
        assert ended.stderr.startswith("pie: ") and ended.stderr.count("\n") == 1 and "bogus" in ended.stderr


def test_ctrl_c_ends_at_once_keeps_what_is_done_and_leaves_nothing(
    command: list[str | Path], env: dict[str, str]
) -> None:
    one_by_one = {**env, "PIE_WORKERS": "1"}  # what is compiled is run before the next program is compiled
    with subprocess.Popen(
        ["env", "--default-signal=INT", *command, "--progress", "json"],  # tests in the background ignore it otherwise
        env=one_by_one,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stderr is not None
        while json.loads(process.stderr.readline())["compiled"] < 1:
            pass
        os.killpg(process.pid, signal.SIGINT)
        _, rest = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert rest.splitlines()[-1].startswith("pie: interrupted; what is measured is kept")
    assert "Traceback" not in rest
    assert not [one for one in Path("/proc").glob("[0-9]*/environ") if env["PIE_STORE"].encode() in read(one)]
    ended = subprocess.run(
        [*command, "--progress", "json"], env=env, capture_output=True, text=True, check=True, timeout=PATIENCE
    )
    last = json.loads(ended.stderr.splitlines()[-1])
    assert last["done"] == 5
    assert last["compiled"] < 5


def read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def test_a_timing_subset_stands_beside_every_figure(
    command: list[str | Path], env: dict[str, str], tmp_path: Path
) -> None:
    output = tmp_path / "out.json"
    arguments = [*command, "--timing-tests", "2", "-o", output]
    ended = subprocess.run(arguments, env=env, capture_output=True, text=True, check=True, timeout=PATIENCE)
    assert "~2tests" in ended.stdout
    written = json.loads(output.read_text())
    assert written["fingerprint"]["timing_tests"] == "2"
    ticks = written["pairs"][0]["source"]["strict"]["test_ticks"]
    assert len(ticks) > 2 and sum(one is not None for one in ticks) == 2
