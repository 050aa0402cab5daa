"""Stores that are merged, cut and looked at."""

import shutil
import sqlite3
import subprocess
from dataclasses import replace

import pytest

from sandbox.store import Store
from sandbox.store.sqlite import Build
from sandbox.store.transfer import check, count, export, merge
from sandbox.types import Check, Ending, Measurement, SandboxError, sha256

SLOW, FAST, OTHER = (sha256(word) for word in (b"slow", b"fast", b"other"))
INPUT, OUTPUT, EXPECTED = (sha256(word) for word in (b"input", b"output", b"expected"))
RUN = Measurement(Ending.EXITED, 0, OUTPUT, 6, 1000, 42, "")
ENGINE, LIMITS, CHECKER = {"engine": "e"}, {"ticks": 1}, {"checker": "c"}


def fill(path, programs, run=RUN, strangers=0):
    """A store of some programs, each its own binary; ``strangers`` shift the numbers of its keys."""
    store = Store(path)
    for number in range(strangers):
        store.key({"stranger": number})
    engine, limits, checker = store.key(ENGINE), store.key(LIMITS), store.key(CHECKER)
    for program in programs:
        store.put_build(program, engine, Build(program, ""))
        store.put_run(program, engine, limits, INPUT, run, checks={(EXPECTED, checker): Check(True, 1.0)})
    return store


def known(store, program):
    return store.get_runs(program, [store.key(ENGINE)], store.key(LIMITS))[0]


def test_merged_stores_know_what_both_knew(tmp_path):
    ours = fill(tmp_path / "a.db", [SLOW])
    fill(tmp_path / "b.db", [SLOW, FAST], strangers=3).close()
    merged = merge(ours, tmp_path / "b.db")
    assert merged.added == {"builds": 1, "runs": 1, "checks": 0}
    assert known(ours, SLOW) == known(ours, FAST) == {INPUT: RUN}
    assert ours.get_build(FAST, ours.key(ENGINE)) == Build(FAST, "")
    assert ours.get_checks([(OUTPUT, EXPECTED)], [ours.key(CHECKER)])
    assert merge(ours, tmp_path / "b.db").added == {"builds": 0, "runs": 0, "checks": 0}
    assert check(ours.path) == []


def test_merging_is_the_same_in_both_orders(tmp_path):
    for name, first, second in (("ab", [SLOW], [FAST]), ("ba", [FAST], [SLOW])):
        fill(tmp_path / f"{name}2", second, strangers=1).close()
        merge(fill(tmp_path / name, first), tmp_path / f"{name}2")
    assert known(Store(tmp_path / "ab"), SLOW) == known(Store(tmp_path / "ba"), SLOW)
    assert count(tmp_path / "ab") == count(tmp_path / "ba")


def test_stores_that_disagree_are_not_merged_unless_asked(tmp_path):
    ours = fill(tmp_path / "a.db", [SLOW])
    fill(tmp_path / "b.db", [FAST, SLOW], run=replace(RUN, ticks=1001)).close()
    with pytest.raises(SandboxError, match=rf"differ in 1 records, the first is in runs: {SLOW} {INPUT}"):
        merge(ours, tmp_path / "b.db")
    assert known(ours, FAST) == {}
    merged = merge(ours, tmp_path / "b.db", keep=True)
    assert merged.differing == 1
    assert known(ours, SLOW) == {INPUT: RUN}
    assert known(ours, FAST)[INPUT].ticks == 1001


def test_an_export_is_the_store_in_one_file(tmp_path):
    ours = fill(tmp_path / "a.db", [SLOW, FAST], strangers=2)
    export(ours, tmp_path / "out.db")
    assert count(tmp_path / "out.db") == count(ours.path)
    assert known(Store(tmp_path / "out.db"), FAST) == {INPUT: RUN}
    with pytest.raises(SandboxError, match="exists"):
        export(ours, tmp_path / "out.db")
    assert sorted(path.name for path in tmp_path.glob("*.partial*")) == []


def test_an_export_of_some_programs_has_nothing_of_others(tmp_path):
    ours = fill(tmp_path / "a.db", [SLOW, FAST, OTHER])
    export(ours, tmp_path / "out.db", [SLOW, OTHER])
    out = Store(tmp_path / "out.db")
    assert known(out, FAST) == {}
    assert known(out, SLOW) == known(out, OTHER) == {INPUT: RUN}
    assert count(out.path) == {"builds": 2, "runs": 2, "checks": 1}


@pytest.mark.parametrize(
    ("edit", "fault"),
    [
        ("UPDATE runs SET ticks = -1", "negative time"),
        ("UPDATE runs SET ending = 'finished'", "unknown ending"),
        ("UPDATE runs SET engine = 99", "key that isn't there"),
        ("UPDATE keys SET description = 'another clock' WHERE id = 1", "hash isn't that of its description"),
        ("UPDATE checks SET accuracy = 2", "impossible accuracy"),
        ("UPDATE builds SET binary_sha256 = x'00'", "builds: a hash is no SHA-256"),
    ],
)
def test_a_store_that_was_tampered_with_is_found_out(tmp_path, edit, fault):
    store = fill(tmp_path / "a.db", [SLOW])
    store.close()
    assert check(store.path) == []
    with sqlite3.connect(store.path) as connection:
        connection.execute(edit)
    assert any(fault in line for line in check(store.path)), check(store.path)


def test_a_damaged_file_is_found_out(tmp_path):
    store = fill(tmp_path / "a.db", [sha256(bytes([number])) for number in range(200)])
    store.close()
    with sqlite3.connect(store.path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    data = bytearray(store.path.read_bytes())
    data[8192:24576] = b"\xff" * 16384
    store.path.write_bytes(data)
    assert check(store.path)[0].startswith("the file is damaged")


def test_what_is_no_store_is_refused(tmp_path):
    (tmp_path / "text").write_text("no database at all, but more than a few bytes of text" * 40)
    (tmp_path / "empty").touch()
    for path, complaint in (
        (tmp_path / "text", "file is not a database"),
        (tmp_path / "empty", "is no store"),
        (tmp_path / "nothing", "there is no store"),
    ):
        with pytest.raises(SandboxError, match=complaint):
            check(path)
        with pytest.raises(SandboxError, match=complaint):
            merge(Store(tmp_path / "a.db"), path)
    assert (tmp_path / "empty").read_bytes() == b""


def test_a_store_is_read_where_nobody_may_write(tmp_path, small_disk):
    store = fill(tmp_path / "a.db", [SLOW])
    store.close()
    shutil.copy(store.path, small_disk / "a.db")
    subprocess.check_call(["mount", "-o", "remount,ro", small_disk])
    assert check(small_disk / "a.db") == []
    assert merge(Store(tmp_path / "b.db"), small_disk / "a.db").added["runs"] == 1
