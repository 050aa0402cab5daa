"""Every way to alter a bundle that we could think of, and the reason for which each is rejected.

``_members`` edits are packed again with right hashes, so that only the content gives them away.
"""

from __future__ import annotations

import copy
import hashlib
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from sandbox.store.sqlite import describe
from sandbox.types import sha256
from scorers.submission import Bundle, BundleError, SplitFacts, check_bundle, open_bundle, write_bundle
from scorers.submission.archive import LIMITS, read_archive
from tests.scorers.bundle_edits import (
    Content,
    accepted_line,
    digest_of_tests,
    edit_test_ticks,
    figures_again,
    parse,
    repack,
)
from tests.scorers.synthetic_runs import synthetic_run


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, SplitFacts]:
    path = tmp_path_factory.mktemp("good") / "bundle.zip"
    run, split = synthetic_run()
    write_bundle(run, split, path)
    return path, split


def failed_line(content: Content, verdict: str) -> Content:
    return next(line for line in content["verdicts.jsonl"] if line["pie_compat"]["verdict"] == verdict)


def edit_figure(content: Content) -> None:
    content["figures.json"]["Speedup@4"]["value"] += 0.01


def edit_interval(content: Content) -> None:
    content["figures.json"]["Speedup@4"]["low"] += 0.001


def add_figure(content: Content) -> None:
    content["figures.json"]["Speedup@99"] = copy.deepcopy(content["figures.json"]["Speedup@4"])


def drop_figure(content: Content) -> None:
    del content["figures.json"]["%Correct@1"]


def swap_generations(content: Content) -> None:
    lines = content["generations.jsonl"]
    lines[0]["solution"], lines[-1]["solution"] = lines[-1]["solution"], lines[0]["solution"]


def edit_code(content: Content) -> None:
    content["generations.jsonl"][3]["solution"] += " "


def edit_code_and_its_hash(content: Content) -> None:
    line = accepted_line(content)
    place = content["verdicts.jsonl"].index(line)
    text = content["generations.jsonl"][place]["solution"].replace("return 0", "return (0)")
    content["generations.jsonl"][place]["solution"] = text
    line["solution_sha256"] = sha256(text.encode())


def wrong_split_hash(content: Content) -> None:
    content["manifest.json"]["split"]["sha256"] = "0" * 64


def wrong_split_name(content: Content) -> None:
    content["manifest.json"]["split"]["name"] = "pie_test"


def claim_less_of_the_split(content: Content) -> None:
    content["manifest.json"]["split"]["whole"] = False


def wrong_number_of_pairs(content: Content) -> None:
    content["manifest.json"]["split"]["pairs"] = 978


def other_engine_name(content: Content) -> None:
    content["manifest.json"]["engine"] = "gem5"


def edit_fingerprint(content: Content) -> None:
    content["manifest.json"]["fingerprint"]["model"] = "another"


def other_clock_throughout(content: Content) -> None:
    """Consistent in itself; only the engine's name in the manifest gives it away without measuring."""
    parts = {"engine": "gem5 20.1", "model": "synthetic"}
    digest = hashlib.sha256(describe(parts).encode()).hexdigest()
    content["manifest.json"]["fingerprint"] = {**parts, "sha256": digest}


def drop_candidate(content: Content) -> None:
    for name in ("generations.jsonl", "verdicts.jsonl"):
        del content[name][5]


def drop_bad_candidate_from_verdicts(content: Content) -> None:
    content["verdicts.jsonl"].remove(failed_line(content, "compile_error"))


def repeat_candidate(content: Content) -> None:
    content["verdicts.jsonl"].insert(4, content["verdicts.jsonl"][4])


def overwrite_with_best_sample(content: Content) -> None:
    """The best sample in place of the first: best@1 rises, every line is a true one."""
    for name in ("generations.jsonl", "verdicts.jsonl"):
        content[name][0] = content[name][1]


def repeat_pair(content: Content) -> None:
    content["sources.jsonl"].append(content["sources.jsonl"][0])


def rename_pair(content: Content) -> None:
    for name in ("generations.jsonl", "verdicts.jsonl", "sources.jsonl"):
        for line in content[name]:
            line["task_id"] = line["task_id"].replace("_s0_", "_s999_")


def drop_pair(content: Content) -> None:
    """A pair that went badly, left out everywhere."""
    key = content["sources.jsonl"][0]["task_id"]
    for name in ("generations.jsonl", "verdicts.jsonl", "sources.jsonl"):
        content[name] = [line for line in content[name] if line["task_id"] != key]
    content["manifest.json"]["split"]["pairs"] -= 1


def reorder_pairs(content: Content) -> None:
    for name in ("generations.jsonl", "verdicts.jsonl", "sources.jsonl"):
        content[name].reverse()


def reorder_samples(content: Content) -> None:
    for name in ("generations.jsonl", "verdicts.jsonl"):
        lines = content[name]
        lines[0], lines[1] = lines[1], lines[0]


def move_between_problems(content: Content) -> None:
    """Every pair a problem of its own makes the intervals narrow."""
    for number, line in enumerate(content["sources.jsonl"]):
        line["problem_id"] = f"p{number}"


def edit_speedup(content: Content) -> None:
    accepted_line(content)["pie_compat"]["speedup"] *= 2


def edit_ticks(content: Content) -> None:
    line = accepted_line(content)
    for checker in ("pie_compat", "strict"):
        line[checker]["ticks"] //= 2


def slow_the_source(content: Content) -> None:
    source = content["sources.jsonl"][0]
    for checker in ("pie_compat", "strict"):
        source[checker]["ticks"] *= 3


def edit_source_code_hash(content: Content) -> None:
    content["sources.jsonl"][0]["code_sha256"] = "1" * 64


def wrong_becomes_right(content: Content) -> None:
    line = failed_line(content, "wrong_answer")
    for checker in ("pie_compat", "strict"):
        line[checker]["verdict"], line[checker]["correct"] = "accepted", True


def no_code_becomes_right(content: Content) -> None:
    line, right = failed_line(content, "no_code"), accepted_line(content)
    for part in ("pie_compat", "strict", "tests_sha256"):
        line[part] = copy.deepcopy(right[part])


def infra_error(content: Content) -> None:
    accepted_line(content)["pie_compat"]["verdict"] = "infra_error"


def unknown_field(content: Content) -> None:
    content["manifest.json"]["verified"] = True


def missing_field(content: Content) -> None:
    del content["manifest.json"]["contact"]


def other_schema(content: Content) -> None:
    content["manifest.json"]["schema"] = "pie-submission/2"


def wrong_k(content: Content) -> None:
    content["manifest.json"]["k"] = 8


CONTENT: list[tuple[Callable[[Content], None], str]] = [
    (edit_figure, "value of Speedup@4 is"),
    (edit_interval, "low of Speedup@4 is"),
    (add_figure, "Speedup@99 is not a figure of this run"),
    (drop_figure, "%Correct@1 is missing"),
    (swap_generations, "isn't the one that was scored"),
    (edit_code, "isn't the one that was scored"),
    (edit_code_and_its_hash, "program found in the generation isn't the one that was scored"),
    (wrong_split_hash, "content hash"),
    (wrong_split_name, "the bundle is for pie_test, not pie_mini"),
    (claim_less_of_the_split, "whole: False"),
    (wrong_number_of_pairs, "the manifest says 978"),
    (other_engine_name, "the manifest says 'gem5'"),
    (edit_fingerprint, "its sha256 isn't that of its parts"),
    (other_clock_throughout, "the fingerprint 'gem5 20.1'"),
    (drop_candidate, "3 candidates of .* instead of 4 \\(missing\\)"),
    (drop_bad_candidate_from_verdicts, "instead of 4 \\(missing\\)"),
    (repeat_candidate, "5 candidates of .* instead of 4 \\(duplicate\\)"),
    (overwrite_with_best_sample, "not numbered 0 to 3 in order"),
    (repeat_pair, "duplicate id: .* 2 times"),
    (rename_pair, "is not in split pie_mini"),
    (drop_pair, "of the split's 12, the manifest says whole"),
    (reorder_pairs, "not in the order of split"),
    (reorder_samples, "not numbered 0 to 3 in order"),
    (move_between_problems, "problem p0 instead of|problem p1 instead of"),
    (edit_speedup, "its times give"),
    (edit_ticks, "isn't the sum of its tests' times"),
    (edit_test_ticks, "tests_sha256 isn't that of its tests"),
    (slow_the_source, "isn't the sum of its tests' times"),
    (edit_source_code_hash, "the slow program isn't the split's"),
    (wrong_becomes_right, "verdict accepted, its tests say wrong_answer"),
    (no_code_becomes_right, "verdict no_code and a program contradict|tests_sha256"),
    (infra_error, "doesn't follow the schema: pie_compat/verdict"),
    (unknown_field, "doesn't follow the schema: .*'verified' was unexpected"),
    (missing_field, "'contact' is a required property"),
    (other_schema, "'pie-submission/1' was expected"),
    (wrong_k, "instead of 8 \\(missing\\)"),
]


@pytest.mark.parametrize(("edit", "reason"), CONTENT, ids=[edit.__name__ for edit, _ in CONTENT])
def test_altered_content_is_rejected(
    good: tuple[Path, SplitFacts], tmp_path: Path, edit: Callable[[Content], None], reason: str
) -> None:
    path, split = good
    content = parse(path)
    edit(content)
    repack(content, tmp_path / "bad.zip")
    assert_rejected(tmp_path / "bad.zip", split, reason)


def assert_rejected(path: Path, split: SplitFacts, reason: str) -> None:
    with pytest.raises(BundleError, match=reason):
        faults = check_bundle(open_bundle(path), split)
        raise BundleError("\n".join(faults) or "nothing was found")


@pytest.mark.parametrize("verdict", ["wrong_answer", "compile_error"])
def test_a_wrong_candidate_cannot_count_as_correct(good: tuple[Path, SplitFacts], tmp_path: Path, verdict: str) -> None:
    path, split = good
    content = parse(path)
    before = content["figures.json"]["%Correct@1"]["value"]
    for line in content["verdicts.jsonl"]:
        for checker in ("pie_compat", "strict"):
            line[checker]["correct"] |= line[checker]["verdict"] == verdict
    figures_again(content, tmp_path / "bad.zip")
    assert content["figures.json"]["%Correct@1"]["value"] > before
    repack(content, tmp_path / "bad.zip")
    assert_rejected(tmp_path / "bad.zip", split, "pie_compat: correct, its tests say otherwise")


def test_careful_forgery_is_left_to_measuring(good: tuple[Path, SplitFacts], tmp_path: Path) -> None:
    """Consistent down to the figures: only compiling and timing can tell, which ``test_verify`` does."""
    path, split = good
    content = parse(path)
    edit_test_ticks(content)
    line = next(line for line in content["verdicts.jsonl"] if line["tests_sha256"] != digest_of_tests(line))
    line["tests_sha256"] = digest_of_tests(line)
    figures_again(content, tmp_path / "forged.zip")
    repack(content, tmp_path / "forged.zip")
    assert check_bundle(open_bundle(tmp_path / "forged.zip"), split) == []


def members(path: Path) -> dict[str, bytes]:
    return read_archive(path)


def archive(path: Path, entries: list[tuple[zipfile.ZipInfo | str, bytes]]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for info, content in entries:
            file.writestr(info, content)


def special(name: str, mode: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.create_system = 3
    info.external_attr = mode << 16
    return info


def truncated(path: Path, good: Path) -> None:
    path.write_bytes(good.read_bytes()[:-200])


def cut_in_the_middle(path: Path, good: Path) -> None:
    content = good.read_bytes()
    path.write_bytes(content[: len(content) // 3] + content[2 * len(content) // 3 :])


def one_bit(path: Path, good: Path) -> None:
    content = bytearray(good.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def no_archive(path: Path, good: Path) -> None:
    path.write_text("figures: excellent\n")


def parent_path(path: Path, good: Path) -> None:
    archive(path, [*members(good).items(), ("../../escaped.txt", b"out")])


def absolute_path(path: Path, good: Path) -> None:
    archive(path, [*members(good).items(), ("/tmp/escaped.txt", b"out")])


def backslash_path(path: Path, good: Path) -> None:
    archive(path, [*members(good).items(), ("..\\escaped.txt", b"out")])


def symbolic_link(path: Path, good: Path) -> None:
    contents = members(good)
    contents.pop("generations.jsonl")
    archive(path, [*contents.items(), (special("generations.jsonl", stat.S_IFLNK | 0o777), b"/etc/passwd")])


def device(path: Path, good: Path) -> None:
    archive(path, [*members(good).items(), (special("zero", stat.S_IFCHR | 0o666), b"")])


def folder(path: Path, good: Path) -> None:
    archive(path, [*members(good).items(), (special("data/", stat.S_IFDIR | 0o755), b"")])


def member_twice(path: Path, good: Path) -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        archive(path, [*members(good).items(), ("figures.json", b"{}")])


def member_missing(path: Path, good: Path) -> None:
    contents = members(good)
    contents.pop("sources.jsonl")
    archive(path, list(contents.items()))


def member_more(path: Path, good: Path) -> None:
    archive(path, [*members(good).items(), ("setup.py", b"print('run me')")])


def gigantic_member(path: Path, good: Path) -> None:
    contents = members(good)
    contents["figures.json"] = b" " * (LIMITS["figures.json"] + 1)
    archive(path, list(contents.items()))


def gigantic_member_that_says_otherwise(path: Path, good: Path) -> None:
    """The sizes that the archive states are small; what unpacks isn't."""
    contents = members(good)
    contents["figures.json"] = b" " * (LIMITS["figures.json"] + 1)
    archive(path, list(contents.items()))
    size = (LIMITS["figures.json"] + 1).to_bytes(4, "little")
    path.write_bytes(path.read_bytes().replace(size, (1000).to_bytes(4, "little")))


def encrypted(path: Path, good: Path) -> None:
    archive(path, list(members(good).items()))
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)


def stale_hash(path: Path, good: Path) -> None:
    contents = members(good)
    contents["figures.json"] = contents["figures.json"].replace(b'"value":', b'"value": ', 1)
    archive(path, list(contents.items()))


def key_twice(path: Path, good: Path) -> None:
    contents = members(good)
    contents["manifest.json"] = contents["manifest.json"].replace(b'"k":4', b'"k":4,"k":4')
    archive(path, list(contents.items()))


def not_a_number(path: Path, good: Path) -> None:
    content = parse(good)
    content["figures.json"]["Speedup@4"]["value"] = float("nan")
    repack(content, path)


def deep_json(path: Path, good: Path) -> None:
    contents = members(good)
    contents["manifest.json"] = b"[" * 100_000
    archive(path, list(contents.items()))


ARCHIVES: list[tuple[Callable[[Path, Path], None], str]] = [
    (truncated, "damaged or not a ZIP archive"),
    (cut_in_the_middle, "damaged or not a ZIP archive"),
    (one_bit, "damaged or not a ZIP archive"),
    (no_archive, "damaged or not a ZIP archive"),
    (parent_path, "unexpected member '../../escaped.txt'"),
    (absolute_path, "unexpected member '/tmp/escaped.txt'"),
    (backslash_path, "unexpected member '..\\\\\\\\escaped.txt'"),
    (symbolic_link, "'generations.jsonl' is a symbolic link"),
    (device, "'zero' is a special file"),
    (folder, "'data/' is a special file"),
    (member_twice, "'figures.json' is there twice"),
    (member_missing, "'sources.jsonl' is missing"),
    (member_more, "unexpected member 'setup.py'"),
    (gigantic_member, "'figures.json' has 1048577 bytes; 1048576 are allowed"),
    (gigantic_member_that_says_otherwise, "damaged or not a ZIP archive|SHA-256 or size differs"),
    (encrypted, "is encrypted"),
    (stale_hash, "figures.json is not the file that the manifest names"),
    (key_twice, "an object names a key twice"),
    (not_a_number, "NaN is no number"),
    (deep_json, "manifest.json is not valid JSON"),
]


@pytest.mark.parametrize(("make", "reason"), ARCHIVES, ids=[make.__name__ for make, _ in ARCHIVES])
def test_altered_archives_are_rejected(
    good: tuple[Path, SplitFacts],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    make: Callable[[Path, Path], None],
    reason: str,
) -> None:
    path, split = good
    inside = tmp_path / "a" / "b"
    inside.mkdir(parents=True)
    make(inside / "bad.zip", path)
    monkeypatch.chdir(inside)
    before = snapshot(tmp_path)
    assert_rejected(inside / "bad.zip", split, reason)
    assert snapshot(tmp_path) == before, "reading a bundle wrote a file"
    assert not Path("/tmp/escaped.txt").exists()


def snapshot(folder: Path) -> set[str]:
    return {str(path) for path in folder.rglob("*")}


def test_a_bundle_is_read_without_writing_anything(
    good: tuple[Path, SplitFacts], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also of a sound one nothing is unpacked: every open for writing and every new process would raise."""
    events: list[str] = []
    watching = True

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        if watching and event in ("subprocess.Popen", "os.system", "os.exec", "os.mkdir", "os.symlink", "os.rename"):
            events.append(event)
        if watching and event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+"):
            events.append(f"open {arguments[0]!r}")

    import sys

    sys.addaudithook(watch)
    bundle: Bundle = open_bundle(good[0])
    assert check_bundle(bundle, good[1]) == []
    watching = False
    assert events == []
