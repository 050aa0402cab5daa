"""The scheduler: from submissions to verdicts, each distinct program compiled and run once.

One thread owns all state and takes events from one queue, so nothing here needs a lock. A submission is answered from the
store where the evidence is complete; else its program is compiled, its binary's missing runs are done by a worker, and
the evidence is judged. Each run is stored when it ends: whatever kills a worker or the harness, nothing finished is lost.

Order of work: programs that are compiled are run before others are compiled, in the order of submission. What waits is
then a source text only, verdicts come early, and no core idles: a unit gives back what it hasn't done after
``SLICE_SECONDS``, or after several of them while others wait, and once nothing else waits the idle workers share it.
``benchmarks/scale_model.py`` compares this with other orders.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import BrokenExecutor, Future
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from weakref import WeakValueDictionary

from sandbox.executors import Pool, WorkerDied, check_name, make_pool, shares_files, worker_host
from sandbox.judge import MissingRunError, judge
from sandbox.scheduler.config import SandboxConfig, open_bench, open_store
from sandbox.scheduler.records import Records, binaries
from sandbox.scheduler.work import CompileUnit, Done, RunUnit, Unit, join, slices, work
from sandbox.store.served import StoreServer
from sandbox.store.sqlite import Build
from sandbox.types import SandboxError, Status, Submission, TestCase, Verdict, sha256

logger = logging.getLogger(__name__)

Verdicts = Mapping[str, Verdict]
"""Checker name -> verdict."""

TRIES = 3
"""How often a unit is tried before its failure is reported."""

DEATHS = 6
"""How many workers a unit may lose before that is reported: whoever kills one often kills all of them at once."""

RUNS_A_TEST = 12
"""So many runs of a program for each of its tests are more than any verdict needs, which is three kinds of runs, even where
workers die and others do the same again."""

FAULTS_IN_A_ROW = 20
"""So many failing units without one that works are the machine's fault: the rest isn't tried."""


@dataclass(frozen=True)
class Progress:
    """A snapshot for people.

    Attributes:
        submitted: Submissions taken so far.
        done: Those that have a verdict.
        faults: Those that have none, for a fault that isn't theirs.
        from_store: Those answered without any work.
        compiled: Programs compiled.
        native_runs: Native runs done.
        timed_runs: Runs under the engine done.
        retried: Units that failed and were tried again.
        workers: Units that the workers do at once.
        busy: Units that workers have.
        verdicts: Status -> number, under the first checker.
    """

    submitted: int = 0
    done: int = 0
    faults: int = 0
    from_store: int = 0
    compiled: int = 0
    native_runs: int = 0
    timed_runs: int = 0
    retried: int = 0
    workers: int = 0
    busy: int = 0
    verdicts: Mapping[str, int] = field(default_factory=dict)


class _Answer(dict[str, Verdict]):
    """Verdicts that equal programs on equal tests share as long as somebody keeps them."""


@dataclass(eq=False)
class _Job:
    """A submission under way, with its compilation once that is known."""

    submission: Submission
    future: Future[Verdicts]
    build: Build | None = None


@dataclass
class _Task:
    """A compilation, or the missing runs of a binary, by its key; the jobs that wait for it.

    Attributes:
        key: What makes it the same work as another's.
        unit: The work.
        waiting: Whoever needs it.
        left: Units of it that wait or that workers have.
        tries: How often one has failed.
        deaths: How many workers died doing one.
        effect: Compilations and runs that its units did.
        before: Runs of the same program that were done before this task, for those who wait for it.
        error: The failure of a unit that isn't tried again.
    """

    key: object
    unit: Unit
    waiting: list[_Job]
    left: int = 1
    tries: int = 0
    deaths: int = 0
    effect: int = 0
    before: int = 0
    error: SandboxError | None = None


class Scheduler:
    """Judges submissions on an executor. Use as a context manager; ``submit`` may be called from any thread.

    Args:
        config: What to measure with.
        workers: Worker processes; a cluster that runs already has its own.
        executor: Name of the executor, or address of a Dask scheduler.
        on_progress: Called from the scheduler's thread after every change.
        on_unit: Called from the scheduler's thread with every unit that is done, and what it did.

    Raises:
        SandboxError: Something that ``config`` names is unknown or isn't here.
    """

    def __init__(
        self,
        config: SandboxConfig,
        workers: int,
        executor: str = "local",
        on_progress: Callable[[Progress], None] | None = None,
        on_unit: Callable[[Unit, Done], None] | None = None,
    ) -> None:
        check_name(executor)
        self.bench = open_bench(config)
        self.progress = Progress()
        self.on_progress = on_progress
        self._on_unit = on_unit
        self._config = config
        self._workers = workers
        self._executor_name = executor
        self._pool: Pool | None = None
        self._server: StoreServer | None = None
        self._worker_config = config
        self._events: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._closing = False
        self._records = Records(self.bench)
        self._tasks: dict[object, _Task] = {}
        self._to_run: deque[tuple[_Task, Unit]] = deque()
        self._to_compile: deque[tuple[_Task, Unit]] = deque()
        self._in_flight = 0
        self._faults_in_a_row = 0
        self._units_done, self._unit_seconds = 0, 0.0
        self._answers: WeakValueDictionary[object, _Answer] = WeakValueDictionary()
        self._tests_name = lru_cache(maxsize=1024)(_tests_name)
        self._thread = threading.Thread(target=self._loop, name="pie-scheduler", daemon=True)
        self._thread.start()

    def __enter__(self) -> Scheduler:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def submit(self, submission: Submission) -> Future[Verdicts]:
        """Judge ``submission``; the future holds its verdicts or the :class:`SandboxError` that prevented them."""
        job = _Job(submission, Future())
        if self._closing:
            job.future.cancel()
        else:
            self._events.put(partial(self._take, job))
        return job.future

    def close(self) -> None:
        """End all work. What is stored stays; futures without a result are cancelled."""
        self._closing = True
        self._events.put(None)
        self._thread.join()

    def _loop(self) -> None:
        while (event := self._events.get()) is not None and not self._closing:
            try:
                event()
            except Exception as error:
                logger.exception("the scheduler failed")
                self._give_up(_as_sandbox_error(error))
        for task in self._tasks.values():
            for job in task.waiting:
                job.future.cancel()
        self._cancel_unseen()
        if self._pool is not None:
            self._pool.close()
        if self._server is not None:
            self._server.close()

    def _cancel_unseen(self) -> None:
        """Cancel the submissions that came too late to be looked at."""
        while not self._events.empty():
            event = self._events.get()
            if isinstance(event, partial) and event.func == self._take:
                event.args[0].future.cancel()

    def _report(self, **changes: int) -> None:
        values = {name: getattr(self.progress, name) + change for name, change in changes.items()}
        workers = self._pool.slots() if self._pool else 0
        self.progress = replace(self.progress, workers=workers, busy=min(workers, self._in_flight), **values)
        if self.on_progress is not None:
            try:
                self.on_progress(self.progress)
            except Exception as error:
                logger.warning("progress isn't shown any more: %s: %s", type(error).__name__, error)
                self.on_progress = None

    def _take(self, job: _Job) -> None:
        self._report(submitted=1)
        if self._advance(job):
            self._report(from_store=1)
        self._launch()

    def _advance(self, job: _Job) -> bool:
        """Answer ``job`` from the store, or queue what it needs. True when it was answered."""
        try:
            return self._try_to_answer(job)
        except Exception as error:  # a full disk, a damaged store: this job's fault report, not this thread's end
            self._fail(job, _as_sandbox_error(error))
            return False

    def _try_to_answer(self, job: _Job) -> bool:
        submission = job.submission
        if not submission.tests:
            raise SandboxError("a submission without tests can't be judged")
        if submission.source is None:
            self._answer(job, self._same_for_all(Verdict(Status.NO_CODE, False, None)))
            return True
        build = job.build = job.build or self._records.build(submission.source_sha256, submission.limits)
        if build is None:
            unit = CompileUnit(submission.source, submission.source_sha256, submission.limits)
            self._queue(("compile", submission.source_sha256, submission.limits), unit, job)
            return False
        if build.binary_sha256 is None:
            verdict = Verdict(Status.COMPILE_ERROR, False, None, (), build.message)
            self._answer(job, self._same_for_all(verdict))
            return True
        tests_name = self._tests_name(submission.tests)
        key = ("run", build.binary_sha256, tests_name, submission.limits)
        if key in self._tasks:
            self._tasks[key].waiting.append(job)
            return False
        answer = self._answers.get(key) or self._judge(build.binary_sha256, submission)
        if answer is not None:
            self._answers[key] = answer
            self._answer(job, answer)
            return True
        unit_tests: tuple[TestCase, ...] | str = submission.tests
        if not shares_files(self._executor_name):
            self._serve().add_tests(tests_name, submission.tests)
            unit_tests = tests_name
        self._queue(key, RunUnit(submission.source, build.binary_sha256, unit_tests, submission.limits), job)
        return False

    def _same_for_all(self, verdict: Verdict) -> _Answer:
        return _Answer(dict.fromkeys(self._config.checkers, verdict))

    def _judge(self, binary_sha256: str, submission: Submission) -> _Answer | None:
        """The verdicts on a binary, or ``None`` where runs are missing."""
        evidence = self._records.evidence(binary_sha256, submission.tests, submission.limits)
        answer = _Answer()
        for name in self._config.checkers:
            # Checkers mostly agree, and then a right program's verdict is the same. What isn't right they may see in
            # different ways even so, and only equal verdicts, each with a result for each test, are shared.
            accepted = (other for other, verdict in answer.items() if verdict.status is Status.ACCEPTED)
            same = next((other for other in accepted if evidence.agree(other, name)), None)
            try:
                verdict = answer[same] if same else judge(evidence, self.bench.policy, name, binary_sha256)
            except MissingRunError:
                return None
            answer[name] = next((other for other in answer.values() if other == verdict), verdict)
        return answer

    def _answer(self, job: _Job, verdicts: _Answer) -> None:
        first = verdicts[self._config.checkers[0]].status.value
        counts = {**self.progress.verdicts, first: self.progress.verdicts.get(first, 0) + 1}
        self.progress = replace(self.progress, verdicts=counts)
        self._report(done=1)
        if job.future.set_running_or_notify_cancel():
            job.future.set_result(verdicts)

    def _fail(self, job: _Job, error: SandboxError) -> None:
        self._report(faults=1)
        if job.future.set_running_or_notify_cancel():
            job.future.set_exception(error)

    def _queue(self, key: object, unit: Unit, job: _Job) -> None:
        task = self._tasks.get(key)
        if task is not None:
            task.waiting.append(job)
            return
        task = self._tasks[key] = _Task(key, unit, [job])
        self._queue_of(unit).append((task, unit))

    def _queue_of(self, unit: Unit) -> deque[tuple[_Task, Unit]]:
        return self._to_compile if isinstance(unit, CompileUnit) else self._to_run

    def _serve(self) -> StoreServer:
        """The server of the store, for workers without our files."""
        if self._server is None:
            host = worker_host(self._executor_name)
            self._server = StoreServer(open_store(self._config.store), binaries(self._config.cache), host)
            self._worker_config = replace(self._config, served=self._server.address)
        return self._server

    def _open_pool(self) -> Pool:
        if self._pool is None:
            if not shares_files(self._executor_name):
                self._serve()
            joining = partial(join, self._worker_config, self.bench.worker_sha256)
            self._pool = make_pool(self._executor_name, self._workers, joining)
        return self._pool

    def _launch(self) -> None:
        """Keep the executor busy, but no more: what it holds is copied, what waits here is not."""
        while (waiting := self._to_run or self._to_compile) and not self._closing:
            try:
                pool = self._open_pool()
            except SandboxError as error:
                self._give_up(error)  # no executor, no work
                return
            if self._in_flight >= 2 * max(1, pool.slots()):
                return
            task, unit = waiting.popleft()
            if isinstance(unit, RunUnit):
                unit = replace(unit, slices=self._slices(pool))
            self._in_flight += 1
            try:
                future = pool.executor.submit(work, self._worker_config, self.bench.worker_sha256, unit)
            except RuntimeError as error:  # a broken or closed executor
                self._end(pool, task, unit, error)
                return
            future.add_done_callback(partial(self._came_back, pool, task, unit))

    def _slices(self, pool: Pool) -> float:
        """How many slices a unit may take that starts now."""
        mean = self._unit_seconds / max(1, self._units_done)
        return slices(len(self._to_run) + len(self._to_compile), mean, pool.slots())

    def _came_back(self, pool: Pool, task: _Task, unit: Unit, future: Future[Done]) -> None:
        self._events.put(partial(self._end, pool, task, unit, future))

    def _end(self, pool: Pool, task: _Task, unit: Unit, outcome: Future[Done] | BaseException) -> None:
        """Take a unit's outcome; go on with its task, or answer those who wait for it."""
        self._in_flight -= 1
        error = outcome if isinstance(outcome, BaseException) else _error_of(outcome)
        if isinstance(error, RuntimeError) and not isinstance(error, WorkerDied) and self._pool is pool:
            self._pool = None  # the whole executor is broken; the next unit starts another
            pool.close()
        if error is not None:
            self._retry(task, unit, error)
        else:
            assert isinstance(outcome, Future)
            self._count(task, unit, outcome.result())
        if task.left == 0 and task.key in self._tasks:
            self._finish(task)
        self._launch()

    def _count(self, task: _Task, unit: Unit, done: Done) -> None:
        task.left -= 1
        task.effect += done.compiled + done.native_runs + done.timed_runs
        self._faults_in_a_row = 0
        self._units_done += 1
        self._unit_seconds += done.seconds
        self._report(compiled=done.compiled, native_runs=done.native_runs, timed_runs=done.timed_runs)
        if self._on_unit is not None:
            self._on_unit(unit, done)

    def _retry(self, task: _Task, unit: Unit, error: BaseException) -> None:
        self._faults_in_a_row += 1
        if isinstance(error, BrokenExecutor):
            task.deaths += 1
        else:
            task.tries += 1
        if task.tries < TRIES and task.deaths < DEATHS and task.error is None:
            logger.info("trying a unit again: %s", error)
            self._report(retried=1)
            self._queue_of(unit).append((task, unit))
        else:
            task.left -= 1
            task.error = task.error or _as_sandbox_error(error)
        if self._faults_in_a_row >= max(FAULTS_IN_A_ROW, 2 * DEATHS * self._workers):
            self._give_up(_as_sandbox_error(error))

    def _finish(self, task: _Task) -> None:
        """No unit of ``task`` is left: its jobs can be answered, or have their fault, or need more."""
        del self._tasks[task.key]
        for job in task.waiting:
            if task.error is not None:
                self._fail(job, task.error)
            else:
                self._advance(job)
        again = self._tasks.get(task.key)
        if again is None:
            return
        again.before = task.before + task.effect
        fault = "a worker found nothing to do for a program that needs more runs" if task.effect == 0 else ""
        if again.before > RUNS_A_TEST * max(len(job.submission.tests) for job in again.waiting):
            fault = "a program needs ever more runs"
        if fault:
            # Whatever the reason, asking once more would go on for ever.
            self._queue_of(again.unit).remove((again, again.unit))
            again.left, again.error = 0, SandboxError(fault)
            self._finish(again)
        elif isinstance(again.unit, RunUnit):
            self._share_out(again, again.unit)

    def _share_out(self, task: _Task, unit: RunUnit) -> None:
        """Let workers that would idle share a long unit that came back unfinished."""
        idle = self._pool.slots() - self._in_flight - len(self._to_run) - len(self._to_compile) if self._pool else 0
        if idle > 0:
            task.left = idle + 1
            self._to_run.remove((task, unit))
            self._to_run.extend((task, replace(unit, part=part, parts=task.left)) for part in range(task.left))

    def _give_up(self, error: SandboxError) -> None:
        """Fail everything that waits, at once, with the fault that would meet it too."""
        self._faults_in_a_row = 0
        for waiting in (self._to_run, self._to_compile):
            for task, _ in waiting:
                task.left -= 1
            waiting.clear()
        for task in list(self._tasks.values()):
            task.error = task.error or error
            if task.left == 0:
                del self._tasks[task.key]
                for job in task.waiting:
                    self._fail(job, task.error)


def _tests_name(tests: tuple[TestCase, ...]) -> str:
    """One short name for equal tests."""
    return sha256("".join(test.name + "\0" + test.input_sha256 + test.expected_sha256 for test in tests).encode())


def _error_of(future: Future[Done]) -> BaseException | None:
    return SandboxError("a unit was cancelled") if future.cancelled() else future.exception()


def _as_sandbox_error(error: BaseException) -> SandboxError:
    if isinstance(error, SandboxError):
        return error
    if isinstance(error, BrokenExecutor):
        return SandboxError(f"{DEATHS} workers died on the same program; is memory short? ({error})")
    return SandboxError(f"{type(error).__name__}: {error}")
