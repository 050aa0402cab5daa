"""The store for workers that don't share the harness's files: the harness answers for it over TCP.

Workers of a cluster need no shared file system, each record is in the one store when its ``put`` returns, and what a
lost node had finished is kept. Peers prove that they know a key made for the run (HMAC, as in
:mod:`multiprocessing.connection`); what they say isn't encrypted, so this belongs on a cluster's own network.
"""

from __future__ import annotations

import contextlib
import secrets
import socket
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection, Listener, answer_challenge, deliver_challenge
from typing import Any, Protocol

from sandbox.store.binaries import Binaries
from sandbox.store.sqlite import Build, Opinions, Store, describe
from sandbox.types import Check, Measurement, SandboxError, TestCase


class Measurements(Protocol):
    """What a worker asks of a store, wherever that is; see :class:`sandbox.store.sqlite.Store`."""

    def key(self, description: Mapping[str, object]) -> int: ...

    def get_build(self, source_sha256: str, toolchain: int) -> Build | None: ...

    def put_build(self, source_sha256: str, toolchain: int, build: Build) -> None: ...

    def get_runs(self, binary_sha256: str, engines: Sequence[int], limits: int) -> list[dict[str, Measurement]]: ...

    def put_run(
        self,
        binary_sha256: str,
        engine: int,
        limits: int,
        input_sha256: str,
        run: Measurement,
        *,
        checks: Opinions | None = None,
        wanted: Iterable[tuple[str, int]] = (),
    ) -> None: ...

    def get_checks(
        self, outputs: Iterable[tuple[str, str]], checkers: Sequence[int]
    ) -> dict[tuple[str, str, int], Check]: ...


@dataclass(frozen=True)
class Address:
    """Where a store is served.

    Attributes:
        host: Name or address of the harness's machine, as workers reach it.
        port: TCP port.
        key: What workers prove to know.
    """

    host: str
    port: int
    key: bytes


class StoreServer:
    """Answers for a store, its compiled programs and the tests of the work under way.

    Args:
        store: The store.
        binaries: Compiled programs.
        host: Name or address under which workers reach this machine.

    Raises:
        SandboxError: No port can be opened.
    """

    def __init__(self, store: Store, binaries: Binaries, host: str) -> None:
        self._store = store
        self._binaries = binaries
        self._tests: dict[str, tuple[TestCase, ...]] = {}
        key = secrets.token_bytes(32)
        try:
            self._listener = Listener(("", 0), backlog=1024)
        except OSError as error:
            raise SandboxError(f"can't open a port for the workers: {error}") from None
        self.address = Address(host, self._listener.address[1], key)
        self._functions = {
            name: getattr(self._store, name)
            for name in ("key", "get_build", "put_build", "get_runs", "put_run", "get_checks")
        } | {"get_tests": self._tests.__getitem__, "get_binary": self._get_binary, "put_binary": binaries.add}
        self._closed = False
        self._acceptor = threading.Thread(target=self._accept, name="pie-store-server", daemon=True)
        self._acceptor.start()

    def add_tests(self, name: str, tests: tuple[TestCase, ...]) -> None:
        """Keep ``tests`` ready for workers that ask for ``name``."""
        self._tests[name] = tests

    def close(self) -> None:
        """Take no more workers; those that are connected end with this process."""
        self._closed = True
        self._listener.close()
        # a thread that waits for a caller holds the port until one comes
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", self.address.port), timeout=1).close()
        self._acceptor.join(timeout=5)

    def _get_binary(self, binary_sha256: str) -> bytes | None:
        path = self._binaries.path(binary_sha256)
        return path.read_bytes() if path else None

    def _accept(self) -> None:
        while not self._closed:
            try:
                connection = self._listener.accept()
            except ConnectionError:
                continue  # gone at once
            except OSError:
                return  # closed
            threading.Thread(target=self._answer, args=[connection], daemon=True).start()

    def _answer(self, connection: Connection) -> None:
        with contextlib.suppress(EOFError, OSError, AuthenticationError), connection:
            # here, since a stranger that says nothing must not keep others waiting
            deliver_challenge(connection, self.address.key)
            answer_challenge(connection, self.address.key)
            while True:
                name, arguments, named = connection.recv()
                try:
                    answer: tuple[bool, Any] = True, self._functions[name](*arguments, **named)
                except Exception as error:
                    answer = False, error if isinstance(error, SandboxError) else SandboxError(repr(error))
                connection.send(answer)
        self._store.close()


class RemoteStore:
    """A served store, as a worker sees it. Threads have connections of their own.

    Args:
        address: Where it is served.
    """

    def __init__(self, address: Address) -> None:
        self._address = address
        self._local = threading.local()
        self._keys: dict[str, int] = {}

    def _call(self, name: str, *arguments: object, **named: object) -> Any:
        host, port = self._address.host, self._address.port
        try:
            connection: Connection | None = getattr(self._local, "connection", None)
            if connection is None:
                connection = self._local.connection = Client((host, port), authkey=self._address.key)
            connection.send((name, arguments, named))
            good, answer = connection.recv()
        except (OSError, EOFError, AuthenticationError) as error:
            self._local.connection = None
            raise SandboxError(
                f"a worker can't reach the store of the run at {host}:{port} ({error or 'closed'}); does the run still "
                "live, and is PIE_HOST a name of its machine that workers know?"
            ) from None
        if not good:
            raise answer
        return answer

    def key(self, description: Mapping[str, object]) -> int:
        text = describe(description)
        if text not in self._keys:
            self._keys[text] = self._call("key", description)
        return self._keys[text]

    def get_build(self, source_sha256: str, toolchain: int) -> Build | None:
        build: Build | None = self._call("get_build", source_sha256, toolchain)
        return build

    def put_build(self, source_sha256: str, toolchain: int, build: Build) -> None:
        self._call("put_build", source_sha256, toolchain, build)

    def get_runs(self, binary_sha256: str, engines: Sequence[int], limits: int) -> list[dict[str, Measurement]]:
        runs: list[dict[str, Measurement]] = self._call("get_runs", binary_sha256, engines, limits)
        return runs

    def put_run(
        self,
        binary_sha256: str,
        engine: int,
        limits: int,
        input_sha256: str,
        run: Measurement,
        *,
        checks: Opinions | None = None,
        wanted: Iterable[tuple[str, int]] = (),
    ) -> None:
        self._call("put_run", binary_sha256, engine, limits, input_sha256, run, checks=checks, wanted=list(wanted))

    def get_checks(
        self, outputs: Iterable[tuple[str, str]], checkers: Sequence[int]
    ) -> dict[tuple[str, str, int], Check]:
        checks: dict[tuple[str, str, int], Check] = self._call("get_checks", list(outputs), list(checkers))
        return checks

    def get_tests(self, name: str) -> tuple[TestCase, ...]:
        """The tests that the harness knows as ``name``."""
        tests: tuple[TestCase, ...] = self._call("get_tests", name)
        return tests

    def get_binary(self, binary_sha256: str) -> bytes | None:
        """A compiled program, if the harness has it."""
        binary: bytes | None = self._call("get_binary", binary_sha256)
        return binary

    def put_binary(self, binary: bytes) -> None:
        """Let other workers have a compiled program."""
        self._call("put_binary", binary)


@lru_cache(maxsize=4)
def remote_store(address: Address) -> RemoteStore:
    """The store served at ``address``, one client a process."""
    return RemoteStore(address)
