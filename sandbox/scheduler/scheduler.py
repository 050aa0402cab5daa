"""The scheduler: from submissions to verdicts, each distinct program compiled and run once.

One thread owns all state and takes events from one queue, so nothing here needs a lock. A submission is answered from the
store where the evidence is complete; else its program is compiled, its binary's missing runs are done by a worker, and
the evidence is judged. Workers write to the store as they go: whatever kills a run, nothing finished is lost.
"""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import BrokenExecutor, Executor, Future
from dataclasses import dataclass, field, replace

from sandbox.executors import make_executor
from sandbox.judge import judge, next_need
from sandbox.scheduler.config import SandboxConfig, open_bench
from sandbox.scheduler.records import Records
from sandbox.scheduler.work import CompileUnit, Done, RunUnit, Unit, work
from sandbox.types import SandboxError, Status, Submission, Verdict

Verdicts = Mapping[str, Verdict]
"""Checker name -> verdict."""

TRIES = 3
"""How often a unit is tried before its failure is reported."""


@dataclass(frozen=True)
class Progress:
    """A snapshot for people.

    Attributes:
        submitted: Submissions taken so far.
        done: Those that have a verdict.
        from_store: Those answered without any work.
        compiled: Programs compiled.
        native_runs: Native runs done.
        timed_runs: Runs under the engine done.
        verdicts: Status -> number, under the first checker.
    """

    submitted: int = 0
    done: int = 0
    from_store: int = 0
    compiled: int = 0
    native_runs: int = 0
    timed_runs: int = 0
    verdicts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class _Job:
    submission: Submission
    future: Future[Verdicts]


@dataclass
class _Task:
    """A unit under way, by its key, and the jobs that wait for it."""

    key: object
    unit: Unit
    waiting: list[_Job]
    tries: int = 0


class Scheduler:
    """Judges submissions on an executor. Use as a context manager; ``submit`` may be called from any thread.

    Args:
        config: What to measure with.
        workers: Worker processes.
        executor: Name of the executor.
        on_progress: Called from the scheduler's thread after every change.

    Raises:
        SandboxError: Something that ``config`` names is unknown or isn't here.
    """

    def __init__(
        self,
        config: SandboxConfig,
        workers: int,
        executor: str = "local",
        on_progress: Callable[[Progress], None] | None = None,
    ) -> None:
        self.bench = open_bench(config)
        self.progress = Progress()
        self.on_progress = on_progress
        self._config = config
        self._workers = workers
        self._executor_name = executor
        self._executor: Executor | None = None
        self._events: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._tasks: dict[object, _Task] = {}
        self._ready: deque[_Task] = deque()
        self._in_flight = 0
        self._thread = threading.Thread(target=self._loop, name="pie-scheduler", daemon=True)
        self._thread.start()

    def __enter__(self) -> Scheduler:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def submit(self, submission: Submission) -> Future[Verdicts]:
        """Judge ``submission``; the future holds its verdicts or the :class:`SandboxError` that prevented them."""
        job = _Job(submission, Future())
        self._events.put(lambda: self._take(job))
        return job.future

    def close(self) -> None:
        """End all work. What is stored stays; futures without a result are cancelled."""
        self._events.put(None)
        self._thread.join()

    def _loop(self) -> None:
        self._records = Records(self.bench)
        while (event := self._events.get()) is not None:
            event()
        for task in self._tasks.values():
            for job in task.waiting:
                job.future.cancel()
        if self._executor is not None:
            _kill(self._executor)

    def _report(self, **changes: int) -> None:
        values = {name: getattr(self.progress, name) + change for name, change in changes.items()}
        self.progress = replace(self.progress, **values)
        if self.on_progress is not None:
            self.on_progress(self.progress)

    def _take(self, job: _Job) -> None:
        self._report(submitted=1)
        if not self._advance(job):
            return
        self._report(from_store=1)

    def _advance(self, job: _Job) -> bool:
        """Answer ``job`` from the store, or start what it needs. True when it was answered."""
        try:
            return self._try_to_answer(job)
        except Exception as error:  # a full disk, a damaged store: this job's fault report, not this thread's end
            job.future.set_exception(_as_sandbox_error(error))
            return False

    def _try_to_answer(self, job: _Job) -> bool:
        submission = job.submission
        if not submission.tests:
            raise SandboxError("a submission without tests can't be judged")
        if submission.source is None:
            self._answer(job, dict.fromkeys(self._config.checkers, Verdict(Status.NO_CODE, False, None)))
            return True
        build = self._records.build(submission.source_sha256, submission.limits)
        if build is None:
            unit = CompileUnit(submission.source, submission.source_sha256, submission.limits)
            self._start(("compile", submission.source_sha256, submission.limits), unit, job)
            return False
        if build.binary_sha256 is None:
            verdict = Verdict(Status.COMPILE_ERROR, False, None, (), build.message)
            self._answer(job, dict.fromkeys(self._config.checkers, verdict))
            return True
        evidence = self._records.evidence(build.binary_sha256, submission.tests, submission.limits)
        if next_need(evidence, self.bench.policy) is None:
            binary = build.binary_sha256
            verdicts = {name: judge(evidence, self.bench.policy, name, binary) for name in self._config.checkers}
            self._answer(job, verdicts)
            return True
        tests = tuple((test.input_sha256, test.expected_sha256) for test in submission.tests)
        key = ("run", build.binary_sha256, tests, submission.limits)
        self._start(key, RunUnit(submission.source, build.binary_sha256, submission.tests, submission.limits), job)
        return False

    def _answer(self, job: _Job, verdicts: Verdicts) -> None:
        first = verdicts[self._config.checkers[0]].status.value
        counts = {**self.progress.verdicts, first: self.progress.verdicts.get(first, 0) + 1}
        self.progress = replace(self.progress, verdicts=counts)
        self._report(done=1)
        job.future.set_result(verdicts)

    def _start(self, key: object, unit: Unit, job: _Job) -> None:
        task = self._tasks.get(key)
        if task is not None:
            task.waiting.append(job)
            return
        task = _Task(key, unit, [job])
        self._tasks[key] = task
        self._ready.append(task)
        self._launch()

    def _launch(self) -> None:
        """Keep the executor busy, but no more: what it holds is copied, what waits here is not."""
        while self._ready and self._in_flight < 2 * self._workers:
            task = self._ready.popleft()
            task.tries += 1
            self._in_flight += 1
            try:
                if self._executor is None:
                    self._executor = make_executor(self._executor_name, self._workers)
                executor = self._executor
                future = executor.submit(work, self._config, self.bench.sha256, task.unit)
            except BrokenExecutor as error:
                self._end(task, executor, error)
                continue
            future.add_done_callback(
                lambda done, task=task, executor=executor: self._events.put(  # type: ignore[misc]
                    lambda: self._end(task, executor, done)
                )
            )

    def _end(self, task: _Task, executor: Executor, outcome: Future[Done] | BaseException) -> None:
        self._in_flight -= 1
        error = outcome if isinstance(outcome, BaseException) else outcome.exception()
        if isinstance(error, BrokenExecutor) and self._executor is executor:
            _kill(executor)
            self._executor = None
        if error is not None and task.tries < TRIES:
            self._ready.append(task)
        else:
            del self._tasks[task.key]
            if error is None and not isinstance(outcome, BaseException):
                done = outcome.result()
                self._report(compiled=done.compiled, native_runs=done.native_runs, timed_runs=done.timed_runs)
            for job in task.waiting:
                if error is not None:
                    job.future.set_exception(_as_sandbox_error(error))
                else:
                    self._advance(job)
        self._launch()


def _as_sandbox_error(error: BaseException) -> SandboxError:
    if isinstance(error, SandboxError):
        return error
    if isinstance(error, BrokenExecutor):
        return SandboxError(f"a worker died {TRIES} times on the same program; is memory short? ({error})")
    return SandboxError(f"{type(error).__name__}: {error}")


def _kill(executor: Executor) -> None:
    """End an executor at once; its processes take their contained programs with them."""
    processes = list((getattr(executor, "_processes", None) or {}).values())
    executor.shutdown(wait=False, cancel_futures=True)
    for process in processes:
        process.kill()
    for process in processes:
        process.join()
