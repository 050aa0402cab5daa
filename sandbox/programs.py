"""Programs without a clock: compile, run natively on inputs, keep what they print.

The judge keeps hashes of outputs and wants expected ones. Who makes tests, compares programs with each other or checks a
data set needs the outputs themselves; they come from the same contained compiler and the same contained runs.
"""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from sandbox.engines.base import EngineContext
from sandbox.engines.native import Native
from sandbox.isolation import make_isolation
from sandbox.scheduler import DEFAULT_TOOLCHAIN, default_workers
from sandbox.scratch import scratch_folder
from sandbox.toolchain import compile_source, get_root
from sandbox.types import Ending, Limits, Run, sha256, succeeded

MAX_OUTPUT = 1 << 20
"""Bytes of an output that are kept for comparison."""

CPU_SECONDS = 2
"""The published checks' limit is wall-clock 5 to 10 s, on hosts that run other things too."""

_HANGS = (Ending.TIME_LIMIT, Ending.BLOCKED)


@dataclass(frozen=True)
class Executed:
    """What a program did.

    Attributes:
        compile_error: The compiler's message; ``None`` where it compiled.
        runs: One run an input that was tried, in their order; the last may have failed.
    """

    compile_error: str | None
    runs: tuple[Run, ...] = ()


@dataclass
class Programs:
    """Compiles and runs programs natively, some at once. A context manager; safe to share between threads.

    Args:
        toolchain: The root that compiles and runs.
        isolation: What contains the programs.
        limits: Of compilations and runs.
        workers: Programs at once; ``None`` means ``PIE_WORKERS`` or all cores.
        accept_no_isolation: That the isolation may be ``none``; see :func:`sandbox.isolation.make_isolation`.

    Raises:
        SandboxError: Something that is named is unknown or isn't here.
    """

    toolchain: str = DEFAULT_TOOLCHAIN
    isolation: str = "bubblewrap"
    limits: Limits = Limits(cpu_seconds=CPU_SECONDS, output_bytes=MAX_OUTPUT)
    workers: int | None = None
    accept_no_isolation: bool = False
    _compiled: dict[str, Path | str] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self.root = get_root(self.toolchain)
        self.contain = make_isolation(self.isolation, self.accept_no_isolation)
        self.contain.check()
        self._native = Native(EngineContext(self.root, self.contain, {}))
        self._pool = ThreadPoolExecutor(self.workers or default_workers())
        self._folder = tempfile.TemporaryDirectory(prefix="programs-", dir=scratch_folder())
        Path(self._folder.name).chmod(0o755)
        self._locks: dict[str, threading.Lock] = {}
        self._guard = threading.Lock()

    def __enter__(self) -> Programs:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)
        self._folder.cleanup()

    def execute(self, source: str, inputs: Sequence[bytes], *, go_on: bool = False) -> Executed:
        """Run ``source`` on each of ``inputs``.

        Args:
            source: A C++ program. It is compiled once, however often it comes.
            inputs: What it reads.
            go_on: Go on after an input on which it fails. One on which it hangs stands for all further ones: each
                would cost the whole limit.

        Raises:
            SandboxError: The sandbox failed.
        """
        program = self._compile(source)
        if isinstance(program, str):
            return Executed(program)
        runs: list[Run] = []
        for data in inputs:
            if runs and runs[-1].ending in _HANGS:
                runs.append(runs[-1])
                continue
            runs.extend(self._native.run(program, [data], self.limits))
            if not go_on and not succeeded(runs[-1]):
                break
        return Executed(None, tuple(runs))

    def execute_many(
        self, work: Mapping[str, tuple[str, Sequence[bytes]]], *, go_on: bool = False
    ) -> Iterator[tuple[str, Executed]]:
        """Run many programs, some at once: name -> (source, inputs). Results come in the order of ``work``.

        Raises:
            SandboxError: As :meth:`execute`.
        """
        futures = {
            name: self._pool.submit(self.execute, source, inputs, go_on=go_on)
            for name, (source, inputs) in work.items()
        }
        for name, future in futures.items():
            yield name, future.result()

    def _compile(self, source: str) -> Path | str:
        """The program's file, or the compiler's message."""
        key = sha256(source.encode(errors="surrogatepass"))
        with self._guard:
            lock = self._locks.setdefault(key, threading.Lock())
        with lock:
            if key not in self._compiled:
                out = Path(self._folder.name) / key
                result = compile_source(source, self.root, self.contain, self.limits, out)
                self._compiled[key] = out if result.ok else result.message
            return self._compiled[key]
