"""Wrong input ends every front door with one clear line and a non-zero exit."""

from __future__ import annotations

import ctypes
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from inspect_ai._util.error import PrerequisiteError

from pie_tasks.options import Options
from pie_tasks.pie import pie
from sandbox.types import SandboxError
from tests.pie_tasks.frameworks.framework_results import inspect_log
from tests.pie_tasks.frameworks.tiny_split import Run

CLONE_NEWUSER = 0x10000000
WRONG_ARGUMENTS: dict[tuple[str, object], str] = {
    ("strategy", "nope"): "unknown prompt strategy 'nope'",
    ("engine", "nope"): "unknown engine 'nope'",
    ("split", "nope"): "unknown split 'nope'",
    ("k", 0): "k must be a whole number of at least 1",
    ("limit", 0): "limit must be a whole number of at least 1",
    ("engin", "cachegrind"): "no task argument 'engin'",
}


@pytest.mark.parametrize("wrong", WRONG_ARGUMENTS)
def test_inspect_task_rejects_wrong_arguments(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch, wrong: tuple[str, object]
) -> None:
    monkeypatch.setenv("PIE_DATA_DIR", str(data_dir))
    name, value = wrong
    arguments: dict[str, Any] = {"split": "pie_test", name: value}
    with pytest.raises(PrerequisiteError) as fault:
        pie(**arguments)
    assert WRONG_ARGUMENTS[wrong] in str(fault.value.message)


def test_inspect_ends_with_one_line(run: Run, generations: Path, tmp_path: Path) -> None:
    replay = ("--model", "pie/replay", "-M", f"path={generations}")
    ended = run("inspect", "eval", "pie_tasks/pie_best1", *replay, "-T", "engin=cachegrind", cwd=tmp_path)
    assert ended.returncode != 0
    assert ended.stdout.strip().startswith("pie: pie_best1 has no task argument 'engin'; choose from: split,")
    assert "Traceback" not in ended.stdout + ended.stderr


def test_inspect_rejects_a_missing_recording(run: Run, tmp_path: Path) -> None:
    ended = run("inspect", "eval", "pie_tasks/pie", "--model", "pie/replay", "-M", "path=gone.jsonl", cwd=tmp_path)
    assert ended.returncode != 0
    assert "can't read generations from gone.jsonl" in " ".join(ended.stdout.split())
    assert "Traceback" not in ended.stdout + ended.stderr


def test_inspect_marks_a_fault_as_an_error_not_a_score(run: Run, generations: Path, tmp_path: Path) -> None:
    """Inspect itself exits with 0 then; the log's status is what tells."""
    short = tmp_path / "short.jsonl"
    lines = [json.loads(line) for line in generations.read_text().splitlines()]
    short.write_text(
        "".join(json.dumps({**row, "generated_answers": row["generated_answers"][:2]}) + "\n" for row in lines)
    )
    run("inspect", "eval", "pie_tasks/pie", "--model", "pie/replay", "-M", f"path={short}", cwd=tmp_path)
    log = inspect_log(tmp_path / "logs")
    assert log.status == "error"
    assert log.error is not None and "has 2 generations" in log.error.message


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"engine": "nope"}, "unknown engine 'nope'"),
        ({"split": "nope"}, "unknown split 'nope'"),
        ({"strategy": "cot"}, "prompt strategy is part of a task's name; pie_best8 has instruct"),
        ({"k": 0}, "k is part of a task's name"),
        ({"engin": "gem5"}, "no 'engin'; did you mean 'engine'"),
        ({"workers": 2}, "set PIE_WORKERS"),
    ],
)
def test_lm_eval_rejects_wrong_metadata(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch, wrong: dict[str, object], message: str
) -> None:
    """Before a sample is drawn; lm-eval's own loader on our YAML, without its own thousands of files."""
    from lm_eval.tasks import TaskManager

    from pie_tasks import lm_eval as folder

    monkeypatch.setenv("PIE_DATA_DIR", str(data_dir))
    metadata = {"split": "pie_test", **wrong}
    manager = TaskManager(include_path=folder.__path__[0], include_defaults=False, metadata=metadata)  # type: ignore[arg-type]
    with pytest.raises(SandboxError, match=message):
        manager.load(["pie_best8"])["tasks"]["pie_best8"].build_all_requests()


def test_lm_eval_ends_with_one_line(run: Run, tmp_path: Path) -> None:
    ended = run("lm_eval", "--tasks", "pie_best1", "--model", "pie_replay", "--metadata", "engine=nope", cwd=tmp_path)
    assert ended.returncode != 0
    assert "pie: unknown engine 'nope'" in ended.stderr.splitlines()[-1]
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "No such file"),
        ("", "holds no generations"),
        ("{", "line 1: not JSON"),
        ("[" * 100_000, "line 1: not JSON"),
        ("1" * 5_000, "line 1: not JSON"),
        ("\ufeff[]", "line 1: not an object"),  # what Windows puts before a text is none of it
        ("[]", "line 1: not an object"),
        ('{"task_id": "a"}', "needs a list of texts 'generated_answers'"),
        ('{"solution": "int main(){}"}', "needs 'task_id'"),
        ('{"task_id": "stranger", "solution": "int main(){}"}', "not in split pie_test"),
        ('{"task_id": "p00001_s0_t0", "solution": "int main(){}"}', "2 of the 3 pairs"),
    ],
)
def test_pie_score_rejects_files(run: Run, tmp_path: Path, content: str | None, message: str) -> None:
    if content is not None:
        (tmp_path / "file.jsonl").write_text(content)
    ended = run("pie", "score", "file.jsonl", cwd=tmp_path)
    assert ended.returncode == 2
    assert len(ended.stderr.splitlines()) == 1
    assert message in ended.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--k", "0"], "k must be a whole number"),
        (["--k", "9"], "has 8 samples; best@9 needs 9"),
        (["--engine", "nope"], "unknown engine 'nope'"),
        (["--split", "nope"], "unknown split 'nope'"),
        (["--toolchain", "nope"], "nope"),
        (["--isolation", "none"], "HF_ALLOW_CODE_EVAL"),
        (["--data-dir", "/nonexistent"], "/nonexistent"),
    ],
)
def test_pie_score_rejects_options(
    run: Run, generations: Path, tmp_path: Path, arguments: list[str], message: str
) -> None:
    ended = run("pie", "score", generations, *arguments, cwd=tmp_path)
    assert ended.returncode == 2
    assert len(ended.stderr.splitlines()) == 1
    assert message in ended.stderr


def test_options_come_from_values_then_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIE_ENGINE", "from-environment")
    assert Options.resolve({}).engine == "from-environment"
    assert Options.resolve({"engine": None}).engine == "from-environment"
    assert Options.resolve({"engine": "given", "unrelated": 1}).engine == "given"


@pytest.mark.parametrize(
    ("hidden", "message"),
    [
        (("--tmpfs", "/usr/libexec/valgrind"), "Valgrind is not installed"),
        (("--ro-bind", "/dev/null", "/usr/bin/g++"), "no C++ compiler: g++ is not installed"),
        (("--ro-bind", "/dev/null", "/usr/bin/bwrap"), "bubblewrap is not installed"),
    ],
)
def test_pie_score_names_what_the_machine_lacks(
    run: Run, generations: Path, tmp_path: Path, hidden: tuple[str, ...], message: str
) -> None:
    """With that part of the file system hidden."""
    choice = ("--engine", "cachegrind", "--toolchain", "host")
    ended = run("pie", "score", generations, *choice, cwd=tmp_path, hidden=hidden)
    assert ended.returncode == 2
    assert len(ended.stderr.splitlines()) == 1
    assert message in ended.stderr and "apt install" in ended.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can map other users into a namespace without any further one")
def test_pie_score_says_that_namespaces_are_off(generations: Path, environment: dict[str, str], tmp_path: Path) -> None:
    """In a user namespace like the machine's own, in which no further one may be made."""
    ready, go = os.pipe(), os.pipe()
    complaint = tmp_path / "stderr"
    child = os.fork()
    if child == 0:
        try:
            ctypes.CDLL(None).unshare(CLONE_NEWUSER)
            os.write(ready[1], b"x")
            os.read(go[0], 1)
            Path("/proc/sys/user/max_user_namespaces").write_text("0")
            os.dup2(os.open(complaint, os.O_CREAT | os.O_WRONLY), 2)
            pie = str(Path(sys.executable).with_name("pie"))
            os.execve(pie, [pie, "score", str(generations)], environment)
        finally:
            os._exit(99)
    os.read(ready[0], 1)
    for kind in ("uid", "gid"):
        Path(f"/proc/{child}/{kind}_map").write_text("0 0 65536")
    os.write(go[1], b"x")
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 2
    (line,) = complaint.read_text().splitlines()
    assert "namespaces are off" in line and "sysctl" in line


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"\xff\n", "not UTF-8 text"), (b"[" * 100_000, "line 1: needs an object"), (b"{}", "line 1: needs an object")],
)
def test_pie_reward_rejects_files(run: Run, tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "file.jsonl").write_bytes(content)
    ended = run("pie", "reward", "file.jsonl", cwd=tmp_path)
    assert ended.returncode == 2
    assert len(ended.stderr.splitlines()) == 1
    assert message in ended.stderr


def test_a_split_with_a_pair_twice_is_not_scored(run: Run, data_dir: Path, generations: Path, tmp_path: Path) -> None:
    rows = (data_dir / "test.jsonl").read_text().splitlines()
    (tmp_path / "train.jsonl").write_text("\n".join([*rows, rows[0]]) + "\n")
    replay = ("--model", "pie_replay", "--model_args", f"path={generations}")
    for command in (
        ("pie", "score", generations, "--split", "pie_train"),
        ("lm_eval", "--tasks", "pie_best8", *replay, "--metadata", '{"split": "pie_train"}'),
    ):
        ended = run(*command, cwd=tmp_path, env={"PIE_DATA_DIR": str(tmp_path)})
        assert ended.returncode != 0
        assert "pairs more than once" in ended.stderr.splitlines()[-1]


def test_a_place_for_figures_that_cannot_be_written_is_refused_before_the_work(
    run: Run, generations: Path, tmp_path: Path
) -> None:
    ended = run("pie", "score", generations, "-o", generations / "below" / "it.json", cwd=tmp_path)
    assert ended.returncode == 2
    assert "can't write figures to" in ended.stderr
    assert not ended.stdout
