"""From a framework's run to the board, every step by its command."""

from __future__ import annotations

import json
import shutil
import sqlite3
import sys
import zipfile
from pathlib import Path

import pytest

from scorers.submission.archive import read_archive
from tests.pie_tasks.frameworks.framework_results import inspect_log
from tests.pie_tasks.frameworks.tiny_split import LABEL, PAIRS, SAMPLES, Run
from tests.scorers.bundle_edits import digest_of_tests, edit_test_ticks, figures_again, parse, repack


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("flow")


@pytest.fixture(scope="module")
def results(run: Run, generations: Path, folder: Path) -> dict[str, Path]:
    """The same recorded answers through both frameworks."""
    model = f"path={generations},model=replay"
    arguments = ("--model", "pie_replay", "--model_args", model, "--log_samples", "--output_path", folder / "out")
    ended = run("lm_eval", "--tasks", "pie_best8", *arguments, cwd=folder)
    assert ended.returncode == 0, ended.stderr
    ended = run(
        "inspect", "eval", "pie_tasks/pie_best8", "--model", "pie/replay", "-M", f"path={generations}", cwd=folder
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return {"lm-eval": folder / "out", "inspect": next((folder / "logs").glob("*.eval"))}


@pytest.fixture(scope="module")
def bundles(run: Run, results: dict[str, Path], folder: Path, environment: dict[str, str]) -> dict[str, Path]:
    """Packed where nothing can be compiled or run: the frameworks' files are enough."""
    (folder / "bin").mkdir()
    paths = {}
    for name, path in results.items():
        paths[name] = folder / "bundles" / f"{name}.zip"
        arguments = ("--model", f"model {name}", "--contact", "me@example.org", "--training-data", "nothing")
        nowhere = {"PATH": str(folder / "bin"), "PIE_STORE": str(folder / "no-store.sqlite")}
        ended = run("pie", "submit", "pack", path, "-o", paths[name], *arguments, cwd=folder, env=nowhere)
        assert ended.returncode == 0, ended.stderr
        assert not (folder / "no-store.sqlite").exists()
    return paths


def test_both_bundles_hold_the_same_generations_and_digits(bundles: dict[str, Path]) -> None:
    one, other = (read_archive(path) for path in bundles.values())
    for name in ("generations.jsonl", "verdicts.jsonl", "sources.jsonl", "figures.json"):
        assert one[name] == other[name], name
    manifests = [json.loads(members["manifest.json"]) for members in (one, other)]
    for part in ("split", "fingerprint", "k", "strategy", "engine", "toolchain", "files"):
        assert manifests[0][part] == manifests[1][part], part
    assert [manifest["source"] for manifest in manifests] == ["lm-eval", "inspect"]
    assert all(
        {"pie-tasks" in manifest["packages"] or "pie_tasks" in manifest["packages"]} == {True} for manifest in manifests
    )
    assert all(manifest["date"] and manifest["sampling"]["temperature"] == 0.7 for manifest in manifests)
    assert len(one["generations.jsonl"].splitlines()) == PAIRS * SAMPLES


def test_packing_again_gives_the_same_bytes(run: Run, results: dict[str, Path], folder: Path) -> None:
    for name, path in results.items():
        for copy in ("a", "b"):
            assert run("pie", "submit", "pack", path, "-o", f"{copy}.zip", cwd=folder).returncode == 0
        assert (folder / "a.zip").read_bytes() == (folder / "b.zip").read_bytes(), name


def test_plain_generations_pack_to_the_same_verdicts(
    run: Run, generations: Path, bundles: dict[str, Path], folder: Path
) -> None:
    """In both forms of JSON lines; everything comes from the store."""
    lines = folder / "solutions.jsonl"
    lines.write_bytes(read_archive(bundles["lm-eval"])["generations.jsonl"])
    for path in (generations, lines):
        ended = run("pie", "submit", "pack", path, "-o", "plain.zip", cwd=folder)
        assert ended.returncode == 0, ended.stderr
        for name in ("generations.jsonl", "verdicts.jsonl", "figures.json"):
            assert read_archive(folder / "plain.zip")[name] == read_archive(bundles["lm-eval"])[name]


def test_verification_measures_again_and_is_recorded(
    run: Run, bundles: dict[str, Path], environment: dict[str, str], tmp_path: Path
) -> None:
    """Whatever the user's store says: here it says that every program takes no time."""
    shutil.copy(environment["PIE_STORE"], tmp_path / "store.sqlite")
    with sqlite3.connect(tmp_path / "store.sqlite") as store:
        store.execute("UPDATE runs SET ticks = 1")
    poisoned = {"PIE_STORE": str(tmp_path / "store.sqlite"), "PIE_CACHE_DIR": str(tmp_path / "cache")}
    ended = run("pie", "submit", "verify", bundles["lm-eval"], "--all", "--record", cwd=tmp_path, env=poisoned)
    assert ended.returncode == 0, ended.stderr
    assert f"{PAIRS * SAMPLES} of {PAIRS * SAMPLES} candidates measured again: every digit is equal" in ended.stdout
    assert not list((tmp_path / "cache" / "verifications").iterdir())
    record = json.loads(bundles["lm-eval"].with_name("lm-eval.zip.verified.json").read_text())
    assert record["candidates"] == record["of"] == PAIRS * SAMPLES


def test_a_sample_is_measured_and_can_be_repeated(run: Run, bundles: dict[str, Path], folder: Path) -> None:
    ended = run("pie", "submit", "verify", bundles["inspect"], "--sample", "10%", "--seed", "5", cwd=folder)
    assert ended.returncode == 0, ended.stderr
    assert f"2 of {PAIRS * SAMPLES} candidates measured again" in ended.stdout


def test_a_forgery_that_agrees_with_itself_is_found_by_measuring(
    run: Run, bundles: dict[str, Path], folder: Path
) -> None:
    content = parse(bundles["lm-eval"])
    edit_test_ticks(content)
    for line in content["verdicts.jsonl"]:
        line["tests_sha256"] = digest_of_tests(line)
    figures_again(content, folder / "forged.zip")
    repack(content, folder / "forged.zip")
    offline = run("pie", "submit", "verify", "forged.zip", "--offline", cwd=folder)
    assert offline.returncode == 0, offline.stderr
    ended = run("pie", "submit", "verify", "forged.zip", "--all", cwd=folder)
    assert ended.returncode == 1
    assert "rejected" in ended.stderr and "ticks is" in ended.stderr and "claimed" in ended.stderr


@pytest.mark.parametrize(("place", "name"), [("split", "hub:owner/name"), ("toolchain", "theirs.json")])
def test_a_bundle_does_not_choose_what_is_loaded_here(
    run: Run, bundles: dict[str, Path], folder: Path, place: str, name: str
) -> None:
    content = parse(bundles["lm-eval"])
    manifest = content["manifest.json"]
    if place == "split":
        manifest["split"]["name"] = name
    else:
        manifest["toolchain"] = name
    repack(content, folder / "theirs.zip")
    for command in (("submit", "verify", "--offline"), ("report",), ("compare", bundles["inspect"])):
        ended = run("pie", *command, "theirs.zip", cwd=folder)
        assert ended.returncode == 2
        assert f"unknown {place} {name!r}" in ended.stderr


def test_another_clock_is_named_and_right_and_wrong_are_still_checked(
    run: Run, bundles: dict[str, Path], folder: Path
) -> None:
    import hashlib

    from sandbox.store.sqlite import describe

    content = parse(bundles["lm-eval"])
    fingerprint = content["manifest.json"]["fingerprint"]
    part = next(name for name in fingerprint if name not in ("sha256", "engine"))
    fingerprint[part] += " of another machine"
    fingerprint.pop("sha256")
    fingerprint["sha256"] = hashlib.sha256(describe(fingerprint).encode()).hexdigest()
    repack(content, folder / "elsewhere.zip")
    ended = run("pie", "submit", "verify", "elsewhere.zip", "--all", cwd=folder)
    assert ended.returncode == 3
    assert f"{part}: " in ended.stderr and "no verdict of right or wrong differs" in ended.stderr
    ended = run("pie", "compare", bundles["lm-eval"], "elsewhere.zip", cwd=folder)
    assert ended.returncode == 2 and f"unequal: {part}" in ended.stderr


def test_every_export_is_written(run: Run, bundles: dict[str, Path], folder: Path) -> None:
    for form in ("hf", "evalplus", "pie", "card", "latex", "csv", "parquet"):
        arguments = ("--to", form, "-o", f"export/{form}", "--dataset", "owner/pie")
        ended = run("pie", "submit", "export", bundles["inspect"], *arguments, cwd=folder)
        assert ended.returncode == 0, ended.stderr
        assert (folder / "export" / form).stat().st_size > 0


def test_report_from_bundle_and_from_results(
    run: Run, bundles: dict[str, Path], results: dict[str, Path], folder: Path
) -> None:
    pages = []
    for number, path in enumerate([bundles["lm-eval"], results["inspect"], results["lm-eval"]]):
        ended = run("pie", "report", path, "-o", f"report{number}.html", cwd=folder)
        assert ended.returncode == 0, ended.stderr
        assert "%Optimized" in ended.stdout and "best@8" in ended.stdout and LABEL in ended.stdout
        pages.append((folder / f"report{number}.html").read_text())
    assert all("Starting a process takes time" in page for page in pages), "start-up wasn't measured"
    assert all("SECRET" not in page for page in pages)


def test_comparison_of_equal_runs_says_so(run: Run, bundles: dict[str, Path], folder: Path) -> None:
    ended = run("pie", "compare", *bundles.values(), "--html", "c.html", "--markdown", "c.md", cwd=folder)
    assert ended.returncode == 0, ended.stderr
    assert f"0 wins, {PAIRS} ties, 0 losses" in ended.stdout
    assert f"0 wins, {PAIRS} ties, 0 losses" in (folder / "c.md").read_text()
    assert f"0 wins, {PAIRS} ties, 0 losses" in (folder / "c.html").read_text()


def test_board_of_both_bundles(run: Run, bundles: dict[str, Path], folder: Path) -> None:
    ended = run("pie", "leaderboard", "build", "bundles", "-o", "site", "--measure", cwd=folder)
    assert ended.returncode == 0, ended.stderr
    tables = json.loads((folder / "site" / "board.json").read_text())
    ours = next(table for table in tables if table["split"] == "pie_test" and table["k"] == SAMPLES)
    assert {row["model"] for row in ours["rows"]} == {"model lm-eval", "model inspect", "Human reference"}
    assert "model inspect" in (folder / "site" / "index.html").read_text()


def test_pull_request_check_runs_verify(
    run: Run, bundles: dict[str, Path], environment: dict[str, str], tmp_path: Path
) -> None:
    """In a real git repository: a sound submission passes, an altered one and one that brings its own record don't."""
    import os
    import subprocess

    script = Path(__file__).parents[3] / "docs" / "check_submissions.sh"
    path = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"

    def shell(*command: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            list(map(str, command)),
            cwd=tmp_path,
            env={**environment, "PATH": path},
            capture_output=True,
            text=True,
            check=False,
        )

    def submit(name: str, source: Path) -> subprocess.CompletedProcess[str]:
        shell("git", "checkout", "-q", "-B", "pr", "main")
        (tmp_path / "submissions").mkdir(exist_ok=True)
        shutil.copy(source, tmp_path / "submissions" / name)
        shell("git", "add", "-A")
        assert shell("git", *who, "commit", "-qm", "submit").returncode == 0
        return shell(script, "submissions", "main")

    who = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    shell("git", "init", "-qb", "main")
    assert shell("git", *who, "commit", "-qm", "start", "--allow-empty").returncode == 0
    ended = submit("good.zip", bundles["lm-eval"])
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "measured again" in ended.stdout
    content = parse(bundles["lm-eval"])
    content["figures.json"]["Speedup@8"]["value"] += 1
    repack(content, tmp_path / ".git" / "bad.zip")
    ended = submit("bad.zip", tmp_path / ".git" / "bad.zip")
    assert ended.returncode == 1 and "value of Speedup@8" in ended.stderr
    ended = submit("good.zip.verified.json", script)
    assert ended.returncode == 1 and "must not bring verification records" in ended.stderr
    ended = submit("README.md", script)
    assert ended.returncode == 1 and "changes bundles alone" in ended.stderr


def test_inspect_viewer_has_words_and_evidence(results: dict[str, Path]) -> None:
    log = inspect_log(results["inspect"].parent)
    scores = [score for sample in log.samples or [] for score in (sample.scores or {}).values()]
    assert len(scores) == PAIRS * SAMPLES
    words = " ".join(score.explanation or "" for score in scores)
    for part in ("accepted.", "speedup", "wrong output", "compile_error", "prntf", "no_code"):
        assert part in words
    assert all({"pair_id", "candidate", "fingerprint", "engine"} <= set(score.metadata or {}) for score in scores)


def test_rescored_log_packs_with_its_new_scores(run: Run, results: dict[str, Path], folder: Path) -> None:
    """``inspect score`` reads the log and scores it again; the bundle has the same digits."""
    rescored = folder / "rescored.eval"
    arguments = ("--scorer", "pie_tasks/pie_scorer", "--action", "overwrite", "--overwrite", "--output-file", rescored)
    ended = run("inspect", "score", results["inspect"], *arguments, cwd=folder)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert run("pie", "submit", "pack", rescored, "-o", "rescored.zip", cwd=folder).returncode == 0
    with zipfile.ZipFile(folder / "rescored.zip") as one, zipfile.ZipFile(folder / "bundles" / "inspect.zip") as other:
        assert one.read("verdicts.jsonl") == other.read("verdicts.jsonl")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("report", "nowhere.zip"), "nowhere.zip doesn't exist"),
        (("submit", "pack", "."), "holds neither results_"),
        (("submit", "verify", "empty.zip"), "damaged or not a ZIP archive"),
        (("submit", "verify", "lm-eval.zip", "--sample", "many"), "--sample must be a share like 5%"),
        (("compare", "lm-eval.zip"), "at least two runs"),
        (("leaderboard", "build", "none"), "holds no bundles"),
        (("report", "empty.txt"), "empty.txt is no run"),
    ],
)
def test_wrong_input_is_one_line(
    run: Run, bundles: dict[str, Path], tmp_path: Path, arguments: tuple[str, ...], reason: str
) -> None:
    (tmp_path / "none").mkdir()
    (tmp_path / "empty.zip").touch()
    (tmp_path / "empty.txt").touch()
    shutil.copy(bundles["lm-eval"], tmp_path / "lm-eval.zip")
    cwd = tmp_path / "none" if arguments[-1] == "." else tmp_path
    ended = run("pie", *arguments, cwd=cwd)
    assert ended.returncode in (1, 2)
    assert reason in ended.stderr and "Traceback" not in ended.stderr
