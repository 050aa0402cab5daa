"""What a worker must know to measure, and the context that it builds from that."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path

from sandbox.checkers import CHECKERS
from sandbox.checkers.base import Checker
from sandbox.engines import make_engine
from sandbox.engines.base import Engine, EngineContext
from sandbox.engines.native import Native
from sandbox.isolation import make_isolation
from sandbox.isolation.base import Isolation
from sandbox.isolation.none import require_host
from sandbox.judge import Policy
from sandbox.paths import default_cache
from sandbox.scheduler.cores import usable_cores
from sandbox.store.served import Address
from sandbox.store.sqlite import Store, describe
from sandbox.toolchain import fingerprint, get_root
from sandbox.toolchain.base import ToolchainRoot
from sandbox.types import Limits, SandboxError

DEFAULT_ENGINE = "skylake"
DEFAULT_TOOLCHAIN = "paper"
"""The clock of whoever chooses none: the nearest to PIE's own but for gem5 itself, and the same on every machine."""


def default_store() -> Path:
    """``PIE_STORE``, or ``store.sqlite`` in the cache folder."""
    given = os.environ.get("PIE_STORE")
    return Path(given) if given else default_cache() / "store.sqlite"


def default_workers() -> int:
    """``PIE_WORKERS``, or the number of physical cores that this process may use.

    Raises:
        SandboxError: ``PIE_WORKERS`` is no positive number.
    """
    given = os.environ.get("PIE_WORKERS")
    if not given:
        return usable_cores()
    if not given.isdecimal() or int(given) < 1:
        raise SandboxError(f"PIE_WORKERS is {given!r}; give a number of worker processes, at least 1")
    return int(given)


@dataclass(frozen=True)
class SandboxConfig:
    """Everything that decides a measurement, by name, and where results are kept. It travels to workers.

    Attributes:
        engine: What measures time.
        toolchain: The root that compiles and runs.
        isolation: What contains candidates.
        accept_no_isolation: That the isolation may be ``none``; see :func:`sandbox.isolation.make_isolation`.
        options: The engine's options.
        limits: Limits of compilations and runs.
        checkers: The checkers that judge every output.
        all_tests: Run all tests also after a failure.
        timing_tests: How many tests of a problem are timed; ``None`` is all. A time is then another quantity.
        store: The store's file.
        cache: Folder of compiled programs.
        served: Where workers that don't share the harness's files reach its store; they keep compiled programs in
            their own cache folder.
    """

    engine: str
    toolchain: str
    isolation: str = "bubblewrap"
    accept_no_isolation: bool = False
    options: tuple[tuple[str, str], ...] = ()
    limits: Limits = Limits()
    checkers: tuple[str, ...] = ("pie_compat", "strict")
    all_tests: bool = False
    timing_tests: int | None = None
    store: Path = field(default_factory=default_store)
    cache: Path = field(default_factory=default_cache)
    served: Address | None = None


@dataclass(frozen=True)
class Bench:
    """A config brought to life in one process: the tools that measure, with their fingerprints.

    Attributes:
        fingerprint: What decides a time: the engine's own fingerprint, which names its toolchain root.
        native_fingerprint: What decides a native run.
        toolchain_fingerprint: What decides a binary.
    """

    config: SandboxConfig
    root: ToolchainRoot
    isolation: Isolation
    engine: Engine
    native: Native
    checkers: Mapping[str, Checker]
    policy: Policy
    fingerprint: Mapping[str, str]
    native_fingerprint: Mapping[str, str]
    toolchain_fingerprint: str

    @property
    def sha256(self) -> str:
        """One hash for the engine and everything under it; equal on every machine that measures the same."""
        return hashlib.sha256(describe(self.fingerprint).encode()).hexdigest()

    @cached_property
    def worker_sha256(self) -> str:
        """One hash for all that decides a worker's records: what times, what runs natively, what checks."""
        checkers = {name: checker.version for name, checker in self.checkers.items()}
        parts = {"engine": self.fingerprint, "native": self.native_fingerprint, "checkers": checkers}
        return hashlib.sha256(describe(parts).encode()).hexdigest()


@lru_cache(maxsize=4)
def open_bench(config: SandboxConfig) -> Bench:
    """Build and check the tools that ``config`` names, once a process.

    Raises:
        SandboxError: A name is unknown, or something that it needs isn't here; one line with the remedy.
    """
    for checker in config.checkers:
        CHECKERS.get(checker)
    root = get_root(config.toolchain)
    isolation = make_isolation(config.isolation, config.accept_no_isolation)
    isolation.check()
    if not isolation.contains:
        require_host(root)
    # What ran uncontained may be forged: it is never taken for what ran contained.
    forgeable = {} if isolation.contains else {"isolation": isolation.name}
    engine = make_engine(config.engine, EngineContext(root, isolation, dict(config.options)))
    engine.check()
    native = Native(EngineContext(root, isolation, {}))
    return Bench(
        config=config,
        root=root,
        isolation=isolation,
        engine=engine,
        native=native,
        checkers={name: CHECKERS.get(name) for name in config.checkers},
        policy=Policy(
            native_first=engine.native_first or config.timing_tests is not None,
            checkers=config.checkers,
            all_tests=config.all_tests,
            timing_tests=config.timing_tests,
        ),
        fingerprint={**engine.fingerprint(), **forgeable},
        native_fingerprint=native.fingerprint(),
        toolchain_fingerprint=" ".join([fingerprint(root), *forgeable.values()]),
    )


@lru_cache(maxsize=16)
def open_store(path: Path) -> Store:
    """The store at ``path``, opened once a process."""
    return Store(path)
