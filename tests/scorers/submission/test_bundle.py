"""Packing a run and reading it back."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from sandbox.types import SandboxError
from scorers.submission import SCHEMA_FILE, bundle_members, check_bundle, make_run, open_bundle, write_bundle
from tests.scorers.synthetic_runs import FINGERPRINT, synthetic_run


def test_a_run_comes_back_as_it_was(tmp_path: Path) -> None:
    run, split = synthetic_run()
    write_bundle(run, split, tmp_path / "bundle.zip")
    bundle = open_bundle(tmp_path / "bundle.zip")
    assert bundle.run(split.sources) == run
    assert check_bundle(bundle, split) == []


def test_equal_runs_give_equal_bytes(tmp_path: Path) -> None:
    paths = [tmp_path / "one.zip", tmp_path / "two" / "other.zip"]
    for path in paths:
        write_bundle(*synthetic_run(), path)
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_another_run_gives_another_bundle(tmp_path: Path) -> None:
    for seed in (1, 2):
        write_bundle(*synthetic_run(seed=seed), tmp_path / f"{seed}.zip")
    assert open_bundle(tmp_path / "1.zip").sha256 != open_bundle(tmp_path / "2.zip").sha256


def test_the_schema_is_one_and_the_manifest_follows_it() -> None:
    schema = json.loads(SCHEMA_FILE.read_text())
    Draft202012Validator.check_schema(schema)
    manifest = json.loads(bundle_members(*synthetic_run())["manifest.json"])
    Draft202012Validator(schema).validate(manifest)
    del manifest["split"]
    assert not Draft202012Validator(schema).is_valid(manifest)


def test_members_hold_no_time_or_owner(tmp_path: Path) -> None:
    write_bundle(*synthetic_run(), tmp_path / "bundle.zip")
    with zipfile.ZipFile(tmp_path / "bundle.zip") as archive:
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert archive.namelist()[0] == "manifest.json"


def test_a_part_of_the_split_is_said_to_be_one(tmp_path: Path) -> None:
    run, split = synthetic_run()
    part = replace(run, scores=run.scores[:5], responses=run.responses[:5])
    write_bundle(part, split, tmp_path / "bundle.zip")
    bundle = open_bundle(tmp_path / "bundle.zip")
    assert bundle.manifest["split"]["whole"] is False
    assert check_bundle(bundle, split) == []


def test_odd_texts_survive(tmp_path: Path) -> None:
    """A model may answer with anything that JSON can hold."""
    run, split = synthetic_run()
    texts = tuple(
        "\u2028 \x00 \ud800 \r\n ü" if not code.code else text
        for text, code in zip(run.responses[0], run.scores[0].candidates, strict=True)
    )
    odd = replace(run, responses=(texts, *run.responses[1:]))
    write_bundle(odd, split, tmp_path / "bundle.zip")
    assert open_bundle(tmp_path / "bundle.zip").run(split.sources).responses == odd.responses


def test_a_run_that_timed_some_tests_only_says_so_and_cannot_be_packed(tmp_path: Path) -> None:
    run, split = synthetic_run(fingerprint={**FINGERPRINT, "timing_tests": "2"})
    assert run.about.label == "pie_mini/cachegrind@host~2tests"
    assert run.about.clock == "cachegrind@host~2tests"
    with pytest.raises(SandboxError, match="only 2 of each problem's tests"):
        write_bundle(run, split, tmp_path / "bundle.zip")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda scores, texts: (scores[:-1] + scores[:1], texts), "twice"),
        (lambda scores, texts: ((replace(scores[0], pair_id="p9_x_y"), *scores[1:]), texts), "not in split"),
        (lambda scores, texts: (scores, (texts[0][:-1], *texts[1:])), "3 samples, the run's k is 4"),
        (lambda scores, texts: ((), ()), "no pairs"),
    ],
)
def test_a_run_that_is_no_run_is_refused(change, message) -> None:  # type: ignore[no-untyped-def]
    run, split = synthetic_run()
    scores, responses = change(run.scores, run.responses)
    with pytest.raises(SandboxError, match=message):
        make_run(run.about, scores, responses, list(split.problems))
