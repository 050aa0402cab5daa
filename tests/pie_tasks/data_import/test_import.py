"""An import is the same data, whole or not at all, and goes on after a kill."""

import gzip
import io
import json
import shutil
import signal
import subprocess
import sys
import tarfile
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pie_tasks.dataset.imported import import_data
from pie_tasks.dataset.imported.test_files import MAX_TEST_BYTES
from pie_tasks.dataset.manifest import is_imported, read_manifest
from pie_tasks.dataset.splits import load_split
from sandbox.types import SandboxError

SMALL_FILES = """
import sys
from pathlib import Path
from pie_tasks.dataset.imported import import_data, test_files
test_files.FILE_CONTENTS = 20
import_data(sys.argv[2:], Path(sys.argv[1]))
"""
"""Imports with content files so small that there are many, so that a kill comes amid them."""

KILLED = """
import os, signal
from pathlib import Path
replace = Path.replace
def replace_and_die(self, target):
    made = replace(self, target)
    if Path(target).name == "00003.parquet":
        os.kill(os.getpid(), signal.SIGKILL)
    return made
Path.replace = replace_and_die
"""
"""Kills the import when some of it is safe, and some isn't there yet."""


@pytest.fixture
def unpacked(official: Path, tmp_path: Path) -> Path:
    """The official files with the archive unpacked too."""
    folder = tmp_path / "unpacked"
    shutil.copytree(official, folder)
    shutil.unpack_archive(folder / "merged_test_cases.tar.gz", folder)
    (folder / "merged_test_cases.tar.gz").unlink()
    return folder


@pytest.mark.parametrize("name", ["pie_test", "pie_test_public", "pie_val", "pie_train", "pie_train_hq"])
def test_an_import_is_the_same_data(official: Path, unpacked: Path, tmp_path: Path, name: str) -> None:
    import_data([str(official)], tmp_path / "data")
    imported, original = load_split(name, tmp_path / "data"), load_split(name, unpacked)
    assert imported.rows == original.rows
    assert imported.content_sha256 == original.content_sha256
    for row in original.rows[:5]:
        assert imported.pair(row) == original.pair(row)
    assert imported.train.rows == original.train.rows


def test_a_folder_of_tests_gives_the_same_as_an_archive(official: Path, unpacked: Path, tmp_path: Path) -> None:
    import_data([str(official)], tmp_path / "a")
    import_data([str(unpacked)], tmp_path / "b")
    assert (
        load_split("pie_test", tmp_path / "a").content_sha256 == load_split("pie_test", tmp_path / "b").content_sha256
    )


def test_each_content_is_kept_once(official: Path, tmp_path: Path) -> None:
    manifest = import_data([str(official)], tmp_path / "data").manifest
    tables = [pq.read_table(file) for file in sorted((tmp_path / "data" / "tests").glob("0*.parquet"))]
    hashes = [value for table in tables for value in table["sha256"].to_pylist()]
    assert len(hashes) == len(set(hashes)) == manifest.contents
    # the public tests are among the merged ones here
    assert manifest.contents < 2 * manifest.tests["merged_test_cases"].tests


def test_further_columns_are_kept(official: Path, tmp_path: Path) -> None:
    import_data([str(official / "test.jsonl")], tmp_path / "data")
    raw = json.loads((official / "test.jsonl").read_text().splitlines()[0])
    row = pq.read_table(tmp_path / "data" / "rows" / "test.parquet").to_pylist()[0]
    extra = json.loads(row["extra"])
    assert extra["fastest_code"] == raw["fastest_code"]
    assert set(raw) - set(extra) - set(row) == {"input", "target", "src_tgt_code"}


def test_a_killed_import_continues(official: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    killed = subprocess.run([sys.executable, "-c", KILLED + SMALL_FILES, data, official], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert (data / "unfinished" / "journal.sqlite").exists()
    assert not (data / "manifest.json").exists()
    with pytest.raises(SandboxError, match="isn't finished"):
        load_split("pie_test", data)
    whole = (data / "tests" / f"0000{number}.parquet" for number in range(3))  # the next one wasn't entered any more
    first = {file: file.stat().st_mtime_ns for file in whole}
    subprocess.run([sys.executable, "-c", SMALL_FILES, data, official], check=True)
    assert all(file.stat().st_mtime_ns == stamp for file, stamp in first.items())
    assert len(list((data / "tests").glob("0*.parquet"))) > len(first)
    import_data([str(official)], tmp_path / "whole")
    for name in ("pie_test", "pie_val", "pie_train"):
        assert load_split(name, data).content_sha256 == load_split(name, tmp_path / "whole").content_sha256
    assert not (data / "unfinished").exists()
    assert not list(data.glob("**/*.new"))


def test_a_second_import_does_nothing(official: Path, tmp_path: Path) -> None:
    assert import_data([str(official)], tmp_path / "data").new
    before = {file: file.stat().st_mtime_ns for file in (tmp_path / "data").rglob("*")}
    assert not import_data([str(official)], tmp_path / "data").new
    assert {file: file.stat().st_mtime_ns for file in (tmp_path / "data").rglob("*")} == before


def test_a_folder_with_other_things_is_left_alone(official: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(SandboxError, match="holds other things"):
        import_data([str(official)], tmp_path)
    import_data([str(official / "val.jsonl")], tmp_path / "data")
    with pytest.raises(SandboxError, match="already holds another import"):
        import_data([str(official / "test.jsonl")], tmp_path / "data")


def damaged(path: Path, how: str) -> None:
    data = path.read_bytes()
    if how == "cut":
        path.write_bytes(data[: len(data) // 2])
    elif how == "flipped":
        middle = len(data) // 2
        path.write_bytes(data[:middle] + bytes([data[middle] ^ 255]) + data[middle + 1 :])
    elif how == "header":
        tar = bytearray(gzip.decompress(data))
        tar[1024:1536] = b"\1" * 512
        path.write_bytes(gzip.compress(bytes(tar), 1))
    else:
        path.write_bytes(b"no archive")


@pytest.mark.parametrize("how", ["cut", "flipped", "header", "other"])
def test_a_damaged_archive_is_named_and_never_used(official: Path, tmp_path: Path, how: str) -> None:
    download = tmp_path / "download"
    shutil.copytree(official, download)
    damaged(download / "merged_test_cases.tar.gz", how)
    with pytest.raises(SandboxError, match=r"fault: merged_test_cases.tar.gz is damaged or incomplete"):
        import_data([str(download)], tmp_path / "data", skip_damaged=True)
    assert is_imported(tmp_path / "data")
    with pytest.raises(SandboxError, match="isn't finished"):
        load_split("pie_test", tmp_path / "data")
    shutil.copy(official / "merged_test_cases.tar.gz", download)
    import_data([str(download)], tmp_path / "data")
    import_data([str(official)], tmp_path / "whole")
    for name in ("pie_test", "pie_train"):
        assert load_split(name, tmp_path / "data").content_sha256 == load_split(name, tmp_path / "whole").content_sha256


def test_damaged_rows_are_named_by_line_and_left_out_only_on_request(official: Path, tmp_path: Path) -> None:
    lines = (official / "val.jsonl").read_text().splitlines()
    broken = json.loads(lines[1])
    del broken["tgt_code"]
    path = tmp_path / "val.jsonl"
    path.write_text("\n".join([lines[0], json.dumps(broken), lines[2], lines[0]]) + "\n")
    with pytest.raises(SandboxError) as caught:
        import_data([str(path)], tmp_path / "data")
    assert "fault: val.jsonl, line 2: column 'tgt_code' is missing" in str(caught.value)
    assert "val.jsonl, line 4: pair" in str(caught.value) and "occurs twice" in str(caught.value)
    assert not (tmp_path / "data" / "manifest.json").exists()
    manifest = import_data([str(path)], tmp_path / "data", skip_damaged=True).manifest
    assert manifest.rows["val"].pairs == 2
    assert len(manifest.left_out) == 2
    assert len(load_split("pie_val", tmp_path / "data").rows) == 2


def test_a_line_that_is_no_json_stops_the_file(official: Path, tmp_path: Path) -> None:
    path = tmp_path / "val.jsonl"
    path.write_text((official / "val.jsonl").read_text()[:-30])
    with pytest.raises(SandboxError, match=r"val.jsonl, line \d+: not valid JSON.*is the file complete"):
        import_data([str(path)], tmp_path / "data", skip_damaged=True)


def add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    archive.addfile(member, io.BytesIO(content))


def test_half_tests_and_strange_members(official: Path, tmp_path: Path) -> None:
    path = tmp_path / "merged_test_cases.tar"
    with tarfile.open(path, "w") as archive:
        add(archive, "merged_test_cases/p1/input.0.txt", b"1")
        add(archive, "merged_test_cases/p1/output.0.txt", b"2")
        add(archive, "merged_test_cases/p1/input.1.txt", b"3")
        add(archive, "merged_test_cases/p1/._input.7.txt", b"left by a Mac")
        add(archive, "../../etc/passwd", b"root")
        link = tarfile.TarInfo("merged_test_cases/p2/input.0.txt")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    with pytest.raises(SandboxError, match="fault: merged_test_cases, problem p1: test 1 has only its input"):
        import_data([str(path)], tmp_path / "data")
    manifest = import_data([str(path)], tmp_path / "data", skip_damaged=True).manifest
    assert manifest.tests["merged_test_cases"].tests == manifest.tests["merged_test_cases"].problems == 1
    assert sorted(p.name for p in tmp_path.iterdir()) == ["data", "merged_test_cases.tar"]


def test_a_test_that_is_too_large_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "merged_test_cases.tar.gz"
    with gzip.open(path, "wb", 1) as file:
        member = tarfile.TarInfo("merged_test_cases/p1/input.0.txt")
        member.size = MAX_TEST_BYTES + 512
        file.write(member.tobuf())
        for _ in range(member.size // 512 // 1024 + 1):
            file.write(bytes(512 * 1024))
        file.write(bytes(1024))
    with pytest.raises(SandboxError, match=rf"input.0.txt: {member.size} bytes; at most {MAX_TEST_BYTES}"):
        import_data([str(path)], tmp_path / "data")


def test_what_is_missing_is_said(official: Path, tmp_path: Path) -> None:
    path = tmp_path / "merged_test_cases.tar"
    with tarfile.open(official / "merged_test_cases.tar.gz") as whole, tarfile.open(path, "w") as part:
        for member in whole:
            if "p00001/" not in member.name or member.name.endswith((".0.txt", ".1.txt")):
                part.addfile(member, whole.extractfile(member))
    manifest = import_data([str(official / "test.jsonl"), str(path)], tmp_path / "data").manifest
    assert "val.jsonl was not given" in manifest.missing
    assert "public_test_cases was not given" in manifest.missing
    (line,) = [line for line in manifest.missing if line.startswith("test: problem p00001")]
    assert line.endswith("lacks the tests 2, 3, 4, 5, 6 in merged_test_cases")


@pytest.mark.parametrize(
    ("paths", "message"),
    [
        (["nowhere"], "nowhere doesn't exist"),
        (["notes.txt"], "nothing to import"),
        (["val.jsonl", "val.jsonl"], "val.jsonl is given twice"),
        (["hub:/nowhere/at/all"], "can't load data set '/nowhere/at/all'"),
    ],
)
def test_wrong_paths(official: Path, tmp_path: Path, monkeypatch, paths: list[str], message: str) -> None:
    monkeypatch.chdir(tmp_path)
    Path("notes.txt").write_text("")
    shutil.copy(official / "val.jsonl", tmp_path)
    with pytest.raises(SandboxError, match=message):
        import_data(paths, tmp_path / "data")


def test_a_hub_data_set_is_imported(official: Path, tmp_path: Path) -> None:
    hub = tmp_path / "hub"
    hub.mkdir()
    shutil.copy(official / "train.jsonl", hub)
    (hub / "test.jsonl").write_text((official / "train.jsonl").read_text().splitlines()[0] + "\n")
    archive = str(official / "merged_test_cases.tar.gz")
    manifest = import_data([f"hub:{hub}", archive], tmp_path / "data").manifest
    assert set(manifest.rows) == {"train", "test"}
    import_data([str(official)], tmp_path / "whole")
    assert load_split("pie_train", tmp_path / "data").rows == load_split("pie_train", tmp_path / "whole").rows
    assert len(load_split("pie_test", tmp_path / "data").rows) == 1


def test_lost_contents_are_noticed(official: Path, tmp_path: Path) -> None:
    import_data([str(official)], tmp_path / "data")
    file = tmp_path / "data" / "tests" / "00000.parquet"
    file.write_bytes(file.read_bytes()[:100])
    split = load_split("pie_test", tmp_path / "data")
    with pytest.raises(SandboxError, match="damaged"):
        split.pair(split.rows[0])


def test_a_manifest_of_another_version_is_refused(official: Path, tmp_path: Path) -> None:
    import_data([str(official / "val.jsonl")], tmp_path / "data")
    manifest = tmp_path / "data" / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"version": 1', '"version": 99'))
    with pytest.raises(SandboxError, match="another version"):
        read_manifest(tmp_path / "data")
