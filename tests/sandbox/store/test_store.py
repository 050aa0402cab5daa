"""The store: written once, read from anywhere, never mistaken for another file."""

import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from sandbox.store import Store
from sandbox.store.sqlite import SCHEMA_VERSION, Build
from sandbox.store.transfer import check
from sandbox.types import Check, Ending, Measurement, SandboxError, sha256

BINARY, INPUT, OUTPUT, EXPECTED = (sha256(word) for word in (b"binary", b"input", b"output", b"expected"))
RUN = Measurement(Ending.EXITED, 0, OUTPUT, 6, 123_456_789_012_345, 42, "")


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "deep" / "store.sqlite")


def test_what_is_put_is_got_back_after_reopening(store):
    engine, limits, checker = store.key({"engine": "e"}), store.key({"ticks": 1}), store.key({"checker": "c"})
    store.put_build(BINARY, engine, Build(BINARY, "warning"))
    store.put_build(INPUT, engine, Build(None, "error"))
    store.put_run(BINARY, engine, limits, INPUT, RUN, checks={(EXPECTED, checker): Check(False, 0.25)})
    again = Store(store.path)
    assert again.key({"engine": "e"}) == engine
    assert again.get_build(BINARY, engine) == Build(BINARY, "warning")
    assert again.get_build(INPUT, engine) == Build(None, "error")
    assert again.get_build(OUTPUT, engine) is None
    assert again.get_runs(BINARY, [engine], limits)[0] == {INPUT: RUN}
    assert again.get_checks([(OUTPUT, EXPECTED), (EXPECTED, OUTPUT)], [checker]) == {
        (OUTPUT, EXPECTED, checker): Check(False, 0.25)
    }


def test_another_engine_or_limit_is_another_key(store):
    engine, limits = store.key({"engine": "e"}), store.key({"ticks": 1})
    store.put_run(BINARY, engine, limits, INPUT, RUN)
    assert store.get_runs(BINARY, [store.key({"engine": "f"})], limits)[0] == {}
    assert store.get_runs(BINARY, [engine], store.key({"ticks": 2}))[0] == {}


def test_a_record_never_changes(store):
    engine, limits = store.key({"engine": "e"}), store.key({"ticks": 1})
    store.put_run(BINARY, engine, limits, INPUT, RUN)
    store.put_run(BINARY, engine, limits, INPUT, Measurement(Ending.SIGNALLED, 9, OUTPUT, 6, 1, 1, "later"))
    assert store.get_runs(BINARY, [engine], limits)[0] == {INPUT: RUN}


def test_a_run_nobody_can_be_asked_about_any_more_gives_way(store):
    engine, limits, checker = store.key({"engine": "e"}), store.key({"ticks": 1}), store.key({"checker": "c"})
    checks, wanted = {(EXPECTED, checker): Check(True, 1.0)}, [(EXPECTED, checker)]
    store.put_run(BINARY, engine, limits, INPUT, RUN)
    other = replace(RUN, stdout_sha256=INPUT)
    for run in (other, RUN):  # the first has an opinion of its output, and stays
        store.put_run(BINARY, engine, limits, INPUT, run, checks=checks, wanted=wanted)
        assert store.get_runs(BINARY, [engine], limits)[0] == {INPUT: other}


def test_many_threads_write_at_once(store):
    engine, limits = store.key({"engine": "e"}), store.key({"ticks": 1})
    inputs = [sha256(str(number).encode()) for number in range(200)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda name: Store(store.path).put_run(BINARY, engine, limits, name, RUN), inputs))
    assert store.get_runs(BINARY, [engine], limits)[0] == dict.fromkeys(inputs, RUN)


def test_a_file_that_is_no_store_is_refused_and_left_alone(tmp_path):
    text = tmp_path / "text"
    text.write_text("not a database, but long enough to look like a file that somebody needs" * 20)
    before = text.read_bytes()
    with pytest.raises(SandboxError, match="PIE_STORE"):
        Store(text)
    assert text.read_bytes() == before
    other = tmp_path / "other.sqlite"
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE theirs (x)")
    with pytest.raises(SandboxError, match="no store of this version"):
        Store(other)


def test_another_programs_database_of_the_same_version_is_refused(tmp_path):
    other = tmp_path / "other.sqlite"
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE theirs (x)")
        connection.execute(f"PRAGMA user_version={SCHEMA_VERSION}")
    with pytest.raises(SandboxError, match="no store of this version"):
        Store(other)


def test_a_store_of_the_first_version_is_brought_up_to_date(store):
    engine, limits = store.key({"engine": "e"}), store.key({"ticks": 1})
    store.put_run(BINARY, engine, limits, INPUT, RUN)
    store.close()
    with sqlite3.connect(store.path) as connection:  # as version 1 was: the same tables, without the mark
        connection.execute("PRAGMA application_id=0")
        connection.execute("PRAGMA user_version=1")
    assert Store(store.path).get_runs(BINARY, [engine], limits)[0] == {INPUT: RUN}
    with sqlite3.connect(store.path) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)


def test_many_processes_make_and_fill_one_store(tmp_path):
    path = tmp_path / "store.sqlite"
    program = f"""
import sys
from pathlib import Path
from sandbox.store import Store
from sandbox.types import Check, Ending, Measurement, sha256
store = Store(Path({str(path)!r}))
engine, limits, checker = store.key({{"e": 1}}), store.key({{"l": 1}}), store.key({{"c": 1}})
for number in range(100):
    name = sha256(f"{{number}} {{sys.argv[1]}}".encode())
    run = Measurement(Ending.EXITED, 0, name, 1, number, None, "")
    store.put_run({BINARY!r}, engine, limits, name, run, checks={{(name, checker): Check(True, 1.0)}})
"""
    processes = [subprocess.Popen([sys.executable, "-c", program, str(number)]) for number in range(6)]
    assert [process.wait() for process in processes] == [0] * 6
    store = Store(path)
    assert len(store.get_runs(BINARY, [store.key({"e": 1})], store.key({"l": 1}))[0]) == 600
    assert check(path) == []


def test_a_store_opens_while_another_process_makes_it(tmp_path):
    """SQLite's own timeout doesn't cover the switch to WAL mode."""
    path = tmp_path / "store.sqlite"
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    made = threading.Timer(0.5, lambda: other.execute("COMMIT"))
    made.start()
    try:
        Store(path).close()
    finally:
        made.join()
        other.close()
    assert check(path) == []


def test_a_full_disk_is_one_line_and_damages_nothing(tmp_path, small_disk):
    store = Store(small_disk / "store.sqlite")
    engine, limits = store.key({"engine": "e"}), store.key({"ticks": 1})
    kept = []
    with pytest.raises(SandboxError, match="free some space"):
        for number in range(10_000):
            name = sha256(str(number).encode())
            store.put_run(BINARY, engine, limits, name, RUN)
            kept.append(name)
    assert kept
    store.close()
    assert check(store.path) == []
    assert set(Store(store.path).get_runs(BINARY, [engine], limits)[0]) == set(kept)


def test_a_store_of_a_newer_version_is_refused(store):
    with sqlite3.connect(store.path) as connection:
        connection.execute("PRAGMA user_version=99")
    with pytest.raises(SandboxError, match="schema 99"):
        Store(store.path)
