"""The whole funnel on ``pie_mini`` with replayed answers: each planted program falls for its own reason."""

import json
import shutil
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pie_tasks.cli import cli
from pie_tasks.dataset import Split, load_split, read_rows
from pie_tasks.retrieval import nearest_pairs
from pie_tasks.selfplay.workspace import Workspace
from sandbox.types import SandboxError
from tests.pie_tasks.selfplay.scenario import proposals, sampled, write_recordings

COMMON = ("--split", "pie_mini", "--seeds", "1", "--inputs", "12", "--seed", "99")


def pie(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["selfplay", *(str(argument) for argument in arguments)])


def works(*arguments: object) -> Result:
    ended = pie(*arguments)
    assert ended.exit_code == 0, (ended.output, ended.exception)
    return ended


@dataclass(frozen=True)
class Play:
    """A finished run."""

    run: Path
    first: Path
    second: Path


@pytest.fixture(scope="module")
def play(tmp_path_factory: pytest.TempPathFactory) -> Play:
    folder = tmp_path_factory.mktemp("selfplay")
    first, second = write_recordings(folder)
    run = folder / "run"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PIE_STORE", str(folder / "store.sqlite"))
        works("generate", run, "--model", "pie/replay", "-M", f"path={first}", "--count", len(sampled()), *COMMON)
        works("novel", run)
        works("optimise", run, "--model", "pie/replay", "-M", f"path={second}", "--samples", 8)
        works("select", run)
    return Play(run, first, second)


def fates(play: Play, stage: str) -> dict[tuple[str, int], str | None]:
    return {(line["id"], line.get("sample", 0)): line["dropped"] for line in Workspace(play.run).read(stage)}


def test_each_sampled_program_has_its_fate(play: Play) -> None:
    expected = {(name, 0): reason for name, (_, reason) in sampled().items()}
    without_code = {key for key, reason in fates(play, "generate").items() if reason == "no_code"}
    assert without_code == {key for key, reason in expected.items() if reason == "no_code"}
    assert fates(play, "novel") == {key: reason for key, reason in expected.items() if key not in without_code}


def test_each_proposal_has_its_fate(play: Play) -> None:
    expected = {
        (name, sample): reason for name, texts in proposals().items() for sample, (_, reason) in enumerate(texts)
    }
    found = fates(play, "select")
    assert set(found) == set(expected)
    # of four fast versions of one program, the slowest goes
    beyond = [key for key, reason in found.items() if reason == "beyond_duplicates"]
    assert len(beyond) == 1 and expected[beyond[0]] is None
    assert {key: reason for key, reason in found.items() if key not in beyond} == {
        key: reason for key, reason in expected.items() if key not in beyond
    }


def test_the_funnel_counts_every_program(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    shown = works("funnel", play.run).output
    for number, words in (
        (12, "programs sampled"),
        (2, "novel programs"),
        (16, "optimisations"),
        (4, "pairs selected"),
    ):
        assert any(words in line and f" {number} " in line for line in shown.splitlines()), words
    assert "10,000" in shown and "3,314" in shown and "1,485" in shown
    reasons = Counter(reason for _, reason in sampled().values() if reason not in (None, "no_code"))
    assert all(f"{number} {reason}" in shown for reason, number in reasons.items())


def test_selected_pairs_are_training_pairs(play: Play, tmp_path: Path) -> None:
    works("export", play.run, tmp_path, "--format", "openai", "--against", "pie_mini")
    rows = read_rows(tmp_path / "train.jsonl")
    assert len(rows) == 4
    split = load_split("pie_train", tmp_path)
    for row in rows:
        assert row.speedup >= 5
        assert row.perf_tag == 10 if row.tgt_agg_runtime == row.fastest_agg_runtime else 1 <= row.perf_tag <= 10
        assert len(split.pair(row).tests) >= 20
    asked = load_split("pie_mini").rows[0]
    train = Split("self-play", (*load_split("pie_mini_train").rows, *rows), None)
    shown = nearest_pairs(asked, train, 10)
    assert any(pair.problem_id.startswith("selfplay_") for pair in shown)
    messages = [json.loads(line)["messages"] for line in (tmp_path / "openai" / "train.jsonl").read_text().splitlines()]
    assert len(messages) == 4
    assert {answer["content"] for _, answer in messages} == {row.tgt_code for row in rows}
    assert all(f"{row.perf_tag}/10" in " ".join(m[0]["content"] for m in messages) for row in rows)


def test_pairs_go_into_a_training_export(play: Play, tmp_path: Path) -> None:
    works("export", play.run, tmp_path / "pairs")
    ended = CliRunner().invoke(
        cli,
        [
            *("train", "export", str(tmp_path / "out"), "--split", "pie_mini_train", "--selection", "hq", "--tags"),
            *("--synthetic", str(tmp_path / "pairs" / "train.jsonl")),
        ],
    )
    assert ended.exit_code == 0, ended.output
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert not report["leaks"]
    assert report["rows"] == len(load_split("pie_mini_train").rows) + 4


def test_every_stage_goes_on_where_it_was_stopped(play: Play, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIE_STORE", str(play.run.parent / "store.sqlite"))
    run = tmp_path / "run"
    shutil.copytree(play.run, run)
    whole = {stage: Workspace(run).read(stage) for stage in ("generate", "novel", "optimise", "select")}
    for stage in whole:  # each file as a kill amid a write leaves it
        data = (run / f"{stage}.jsonl").read_bytes().splitlines(keepends=True)
        (run / f"{stage}.jsonl").write_bytes(b"".join(data[:-2]) + data[-2][:40])
    works("generate", run, "--model", "pie/replay", "-M", f"path={play.first}", "--count", len(sampled()), *COMMON)
    assert Workspace(run).read("generate") == whole["generate"]
    works("novel", run)
    assert Workspace(run).read("novel") == whole["novel"]
    works("optimise", run, "--model", "pie/replay", "-M", f"path={play.second}", "--samples", 8)
    assert Workspace(run).read("optimise") == whole["optimise"]
    works("select", run)
    assert Workspace(run).read("select") == whole["select"]


def test_other_options_are_refused(play: Play) -> None:
    ended = pie("generate", play.run, "--model", "pie/replay", "-M", f"path={play.first}", *COMMON[:-1], "5")
    assert "was started with seed = 99, not 5" in str(ended.exception)
    ended = pie("select", play.run, "--min-speedup", "2")
    assert "was started with min_speedup = 5.0, not 2.0" in str(ended.exception)


def test_stages_out_of_order_say_what_comes_first(tmp_path: Path) -> None:
    for stage in ("novel", "optimise", "funnel"):
        more = ("--model", "pie/replay") if stage == "optimise" else ()
        assert "run 'pie selfplay generate' first" in str(pie(stage, tmp_path / "run", *more).exception)


def test_a_model_that_fails_is_one_line_and_what_came_is_kept(tmp_path: Path) -> None:
    first, _ = write_recordings(tmp_path)
    first.write_text("\n".join(first.read_text().splitlines()[:3]) + "\n")
    ended = pie("generate", tmp_path / "run", "--model", "pie/replay", "-M", f"path={first}", "--count", 5, *COMMON)
    assert isinstance(ended.exception, SandboxError)
    assert "2 of 5 requests failed" in str(ended.exception) and "\n" not in str(ended.exception)
    assert len(Workspace(tmp_path / "run").read("generate")) == 3
    ended = pie("generate", tmp_path / "other", "--model", "nobody/nothing", "--count", 1, *COMMON)
    assert isinstance(ended.exception, SandboxError) and "model nobody/nothing: " in str(ended.exception)
