"""The sandbox as an object for scripts and reinforcement learning: code goes in, typed verdicts come out."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import fields

from sandbox.scheduler import DEFAULT_ENGINE, DEFAULT_TOOLCHAIN, SandboxConfig, Scheduler, default_workers
from sandbox.types import SandboxError, Submission, TestCase, Verdict


class Environment:
    """Judges programs on a pool of workers. A context manager; safe in threads and event loops.

    Args:
        config: What to measure with.
        checker: The checker whose verdicts are returned.
        workers: Worker processes; ``None`` means ``PIE_WORKERS`` or all cores.
        problems: Problem id -> tests, for submissions that give none.

    Raises:
        SandboxError: Something that ``config`` names is unknown or isn't here.
    """

    def __init__(
        self,
        config: SandboxConfig,
        checker: str,
        workers: int | None = None,
        problems: Mapping[str, Sequence[TestCase]] | None = None,
    ) -> None:
        if checker not in config.checkers:
            raise SandboxError(f"unknown checker {checker!r}; choose one of: {', '.join(config.checkers)}")
        self._config = config
        self._checker = checker
        self._problems = {problem: tuple(tests) for problem, tests in (problems or {}).items()}
        self._scheduler = Scheduler(config, default_workers() if workers is None else workers)

    def __enter__(self) -> Environment:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End all work; what is measured stays in the store."""
        self._scheduler.close()

    def submit(self, code: str, problem_id: str, tests: Sequence[TestCase] | None = None) -> Verdict:
        """Judge one program; blocks until its verdict is there.

        Raises:
            SandboxError: The sandbox failed, or ``problem_id`` has no tests here.
        """
        return self._start(code, problem_id, tests).result()[self._checker]

    def submit_many(self, submissions: Iterable[tuple[str, str, Sequence[TestCase] | None]]) -> list[Verdict]:
        """Judge (code, problem id, tests) triples in one pool; verdicts come in the order of the submissions.

        Raises:
            SandboxError: As in :meth:`submit`, for the first submission that has no verdict.
        """
        futures = [self._start(*submission) for submission in submissions]
        return [future.result()[self._checker] for future in futures]

    async def asubmit(self, code: str, problem_id: str, tests: Sequence[TestCase] | None = None) -> Verdict:
        """Like :meth:`submit`, without blocking the event loop."""
        verdicts = await asyncio.wrap_future(self._start(code, problem_id, tests))
        return verdicts[self._checker]

    def _start(self, code: str, problem_id: str, tests: Sequence[TestCase] | None) -> Future[Mapping[str, Verdict]]:
        if tests is None:
            if problem_id not in self._problems:
                raise SandboxError(
                    f"problem {problem_id!r} has no tests here; give them with the submission or to make()"
                )
            tests = self._problems[problem_id]
        return self._scheduler.submit(Submission(code, tuple(tests), self._config.limits))


def make(
    engine: str = DEFAULT_ENGINE,
    toolchain: str = DEFAULT_TOOLCHAIN,
    checker: str = "pie_compat",
    workers: int | None = None,
    problems: Mapping[str, Sequence[TestCase]] | None = None,
    **settings: object,
) -> Environment:
    """Open an :class:`Environment`.

    Args:
        engine: What measures time.
        toolchain: The root that compiles and runs programs.
        checker: The checker whose verdicts are returned.
        workers: Worker processes.
        problems: Problem id -> tests.
        **settings: Further fields of :class:`sandbox.scheduler.SandboxConfig` (``isolation``, ``limits``, ``store`` …).

    Raises:
        SandboxError: A setting is unknown, or something that is named isn't here.
    """
    known = {field.name for field in fields(SandboxConfig)} - {"engine", "toolchain"}
    for name in settings:
        if name not in known:
            raise SandboxError(f"unknown setting {name!r}; choose from: {', '.join(sorted(known))}")
    config = SandboxConfig(engine=engine, toolchain=toolchain, **settings)  # type: ignore[arg-type]
    return Environment(config, checker, workers, problems)
