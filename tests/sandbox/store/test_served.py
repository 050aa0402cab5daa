"""The store over TCP: the same answers as from the file, for whoever knows the key only."""

import socket
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from sandbox.store import Store
from sandbox.store.binaries import Binaries
from sandbox.store.served import RemoteStore, StoreServer
from sandbox.store.sqlite import Build
from sandbox.types import Check, Ending, Measurement, SandboxError, TestCase, sha256

BINARY, INPUT, OUTPUT, EXPECTED = (sha256(word) for word in (b"binary", b"input", b"output", b"expected"))
RUN = Measurement(Ending.EXITED, 0, OUTPUT, 6, 123_456_789_012_345, 42, "")


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "store.sqlite")


@pytest.fixture
def server(store, tmp_path):
    server = StoreServer(store, Binaries(tmp_path / "binaries"), "127.0.0.1")
    yield server
    server.close()


def test_a_worker_elsewhere_sees_and_changes_the_same_store(store, server):
    remote = RemoteStore(server.address)
    engine, limits, checker = remote.key({"engine": "e"}), remote.key({"ticks": 1}), remote.key({"checker": "c"})
    assert (engine, limits, checker) == (
        store.key({"engine": "e"}),
        store.key({"ticks": 1}),
        store.key({"checker": "c"}),
    )
    assert remote.get_build(INPUT, engine) is None
    remote.put_build(INPUT, engine, Build(None, "error"))
    remote.put_run(BINARY, engine, limits, INPUT, RUN, checks={(EXPECTED, checker): Check(False, 0.25)})
    for one in (store, remote):
        assert one.get_build(INPUT, engine) == Build(None, "error")
        assert one.get_runs(BINARY, [engine], limits)[0] == {INPUT: RUN}
        assert one.get_checks([(OUTPUT, EXPECTED), (EXPECTED, OUTPUT)], [checker]) == {
            (OUTPUT, EXPECTED, checker): Check(False, 0.25)
        }


def test_programs_and_tests_travel(server, tmp_path):
    remote = RemoteStore(server.address)
    assert remote.get_binary(sha256(b"program")) is None
    remote.put_binary(b"program")
    assert remote.get_binary(sha256(b"program")) == b"program"
    tests = (TestCase("0", b"1", b"2"),)
    server.add_tests("these", tests)
    assert remote.get_tests("these") == tests


def test_a_cut_program_counts_as_missing(server, tmp_path):
    binaries = Binaries(tmp_path / "binaries")
    name = binaries.add(b"program")
    binaries.path(name).write_bytes(b"prog")
    assert binaries.path(name) is None
    assert RemoteStore(server.address).get_binary(name) is None


def test_a_stranger_is_turned_away_and_others_go_on(store, server):
    with pytest.raises(SandboxError, match="can't reach the store"):
        RemoteStore(replace(server.address, key=b"guessed")).key({"engine": "e"})
    assert RemoteStore(server.address).key({"engine": "e"}) == store.key({"engine": "e"})


def test_a_stranger_that_says_nothing_keeps_nobody_waiting(store, server):
    with socket.create_connection(("127.0.0.1", server.address.port)), ThreadPoolExecutor(1) as pool:
        asked = pool.submit(RemoteStore(server.address).key, {"engine": "e"})
        assert asked.result(timeout=20) == store.key({"engine": "e"})


def test_a_fault_of_the_store_reaches_the_worker_as_its_own(server, store):
    store.path.write_bytes(b"gone" * 4096)
    store.path.with_name(store.path.name + "-wal").unlink(missing_ok=True)
    with pytest.raises(SandboxError, match="the store"):
        RemoteStore(server.address).get_build(INPUT, 1)


def test_a_harness_that_is_gone_is_named(server):
    server.close()
    with pytest.raises(SandboxError, match=r"127\.0\.0\.1.*PIE_HOST"):
        RemoteStore(server.address).key({"engine": "e"})
