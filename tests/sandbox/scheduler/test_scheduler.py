"""The scheduler with real workers, a real compiler, real containment and a real engine."""

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

import pytest

import sandbox
from sandbox.executors import EXECUTORS, SameMachine, local
from sandbox.judge import Evidence
from sandbox.scheduler import Scheduler
from sandbox.scheduler.scheduler import TRIES
from sandbox.scheduler.work import MOST_SLICES, RunUnit, slices
from sandbox.types import Outputs, SandboxError, Status, Submission, TestCase
from tests.sandbox.conftest import DOUBLE, TESTS

EXECUTORS.register("threads")(lambda workers, joining: ThreadPoolExecutor(workers, initializer=joining))
EXECUTORS.register("short-slices")(SameMachine(partial(local, preload=["tests.sandbox.scheduler.short_slices"])))


def submission(config, source, tests=TESTS):
    return Submission(source, tests, config.limits)


def test_every_kind_of_candidate_gets_its_verdict(config):
    programs = {
        Status.ACCEPTED: DOUBLE,
        Status.WRONG_ANSWER: DOUBLE.replace("2 * n", "n + n * n"),
        Status.COMPILE_ERROR: DOUBLE.replace("int n;", ""),
        Status.RUNTIME_ERROR: DOUBLE.replace("printf", "if (n == 1) __builtin_trap(); printf"),
        Status.TIME_LIMIT: DOUBLE.replace("printf", "for (volatile int i = 0; n == 2;) i = i + 1; printf"),
        Status.NO_CODE: None,
    }
    with Scheduler(config, workers=2) as scheduler:
        futures = {status: scheduler.submit(submission(config, source)) for status, source in programs.items()}
        for status, future in futures.items():
            for checker, verdict in future.result().items():
                assert verdict.status is status, (checker, verdict)
                assert (verdict.ticks is not None) == (status is Status.ACCEPTED)


def test_a_second_run_does_nothing_and_says_the_same(config):
    with Scheduler(config, workers=2) as scheduler:
        first = scheduler.submit(submission(config, DOUBLE)).result()
        assert (scheduler.progress.compiled, scheduler.progress.timed_runs) == (1, len(TESTS))
    with Scheduler(config, workers=2) as scheduler:
        assert scheduler.submit(submission(config, DOUBLE)).result() == first
        assert (scheduler.progress.compiled, scheduler.progress.timed_runs) == (0, 0)
        assert scheduler.progress.from_store == 1


def test_equal_programs_are_measured_once(config):
    commented = DOUBLE.replace("int main", "/* same binary */ int main")
    with Scheduler(config, workers=2) as scheduler:
        futures = [scheduler.submit(submission(config, source)) for source in [DOUBLE, DOUBLE, commented] * 2]
        assert len({future.result()["strict"] for future in futures}) == 1
        assert scheduler.progress.compiled == 2
        assert scheduler.progress.timed_runs == len(TESTS)


UNSTABLE = """#include <cstdio>
#include <ctime>
int main() {
  timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  std::printf("1.0000000000%09ld\\n", now.tv_nsec);
}
"""


@pytest.mark.parametrize("at_once", [True, False])
def test_an_output_that_changes_meets_two_expectations(config, at_once):
    """Only a run shows its output, and another run shows another one: so every expectation is asked of the same run."""
    tests = TestCase("0", b"1\n", b"1\n"), TestCase("1", b"1\n", b"1.0\n")
    for some in [tests] if at_once else [tests[:1], tests[1:], tests[:1]]:
        with Scheduler(config, workers=1) as scheduler:
            verdict = scheduler.submit(Submission(UNSTABLE, some, config.limits)).result(timeout=60)["strict"]
            assert verdict.status is Status.ACCEPTED
            assert verdict.outputs is Outputs.DIFFER_EACH_TIME
            assert scheduler.progress.native_runs + scheduler.progress.timed_runs <= 3 * len(some)


def test_a_program_that_needs_ever_more_runs_is_a_fault(config, monkeypatch):
    monkeypatch.setattr("sandbox.scheduler.records.Records.evidence", lambda *_: Evidence(TESTS, {}, {}, {}))
    with Scheduler(config, workers=1, executor="threads") as scheduler, pytest.raises(SandboxError, match="ever more"):
        scheduler.submit(submission(config, DOUBLE)).result(timeout=60)


def test_one_worker_and_many_say_the_same(config, tmp_path):
    sources = [DOUBLE, DOUBLE.replace("2 * n", "n + n"), DOUBLE.replace("2 * n", "n * n"), "int main() { return 1; }"]
    results = []
    for workers in (1, 3):
        alone = replace(config, store=tmp_path / f"{workers}.sqlite")
        with Scheduler(alone, workers=workers) as scheduler:
            futures = [scheduler.submit(submission(alone, source)) for source in sources]
            results.append([future.result() for future in futures])
    assert results[0] == results[1]


def test_a_killed_worker_costs_only_its_unit(config):
    with Scheduler(config, workers=2) as scheduler:
        wanted = scheduler.submit(submission(config, DOUBLE)).result()
        slow = DOUBLE.replace("printf", "for (volatile int i = 0; i < 200000000;) i = i + 1; printf")
        future = scheduler.submit(submission(config, slow))
        for _ in range(2):
            time.sleep(0.5)
            for pid in scheduler._pool.executor.pids:
                os.kill(pid, signal.SIGKILL)
        assert future.result()["strict"].status is Status.ACCEPTED
        assert scheduler.submit(submission(config, DOUBLE)).result() == wanted


def test_a_worker_with_another_clock_is_refused_by_name(config):
    from sandbox.scheduler.work import CompileUnit, work

    unit = CompileUnit(DOUBLE, submission(config, DOUBLE).source_sha256, config.limits)
    with pytest.raises(SandboxError, match=os.uname().nodename):
        work(config, "0" * 64, unit)


def test_closing_early_cancels_and_leaves_no_process(config):
    hang = DOUBLE.replace("printf", "for (volatile int i = 0; n >= 0;) i = i + 1; printf")
    scheduler = Scheduler(config, workers=1)
    future = scheduler.submit(submission(config, hang))
    while scheduler._pool is None or not scheduler._pool.executor.pids:
        time.sleep(0.01)
    workers = scheduler._pool.executor.pids
    scheduler.close()
    assert future.cancelled()
    for pid in workers:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_a_submission_without_tests_is_an_error(config):
    with Scheduler(config, workers=1) as scheduler, pytest.raises(SandboxError, match="without tests"):
        scheduler.submit(Submission(DOUBLE, ())).result()


def test_environment_judges_code_by_problem(config):
    with sandbox.make(
        "cachegrind", "host", problems={"double": TESTS}, store=config.store, cache=config.cache
    ) as environment:
        assert environment.submit(DOUBLE, "double").status is Status.ACCEPTED
        other = [TestCase("0", b"1\n", b"3\n")]
        verdicts = environment.submit_many([(DOUBLE, "double", None), (DOUBLE, "triple", other)])
        assert [verdict.status for verdict in verdicts] == [Status.ACCEPTED, Status.WRONG_ANSWER]
        with pytest.raises(SandboxError, match="no tests"):
            environment.submit(DOUBLE, "triple")


def test_make_rejects_what_it_does_not_know(config):
    with pytest.raises(SandboxError, match="unknown setting 'isolatoin'"):
        sandbox.make("cachegrind", "host", isolatoin="none")
    with pytest.raises(SandboxError, match="unknown checker 'lenient'"):
        sandbox.make("cachegrind", "host", checker="lenient", store=config.store)
    with pytest.raises(SandboxError, match=r"choose one of: .*cachegrind"):
        sandbox.make("gem6", "host", store=config.store)


def test_a_full_disk_is_a_fault_and_the_next_run_goes_on(config, small_disk):
    full = replace(config, store=small_disk / "store.sqlite")
    ballast = small_disk / "ballast"
    with Scheduler(full, workers=1) as scheduler:
        ballast.write_bytes(bytes(os.statvfs(small_disk).f_bavail * 4096 - 65536))
        programs = [
            DOUBLE.replace("int main", f"/* {'x' * 60} {n} */ int main") + "#error " * (n % 2) for n in range(60)
        ]
        futures = [scheduler.submit(submission(full, source)) for source in programs]
        faults = [future.exception() for future in futures]
        assert any(isinstance(fault, SandboxError) and "free some space" in str(fault) for fault in faults)
        for future, fault in zip(futures, faults, strict=True):
            assert fault is not None or future.result()["strict"].status in (Status.ACCEPTED, Status.COMPILE_ERROR)
    ballast.unlink()
    with Scheduler(full, workers=1) as scheduler:
        assert scheduler.submit(submission(full, DOUBLE)).result()["strict"].status is Status.ACCEPTED


def test_no_room_for_temporary_files_is_no_compile_error(config, small_disk, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(small_disk))
    small_disk.chmod(0o711)
    with Scheduler(config, workers=1) as scheduler:
        with pytest.raises(SandboxError, match="is full"):
            scheduler.submit(submission(config, DOUBLE)).result()
        assert scheduler.progress.retried == TRIES - 1


def test_many_faults_in_a_row_end_the_run(config, small_disk, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(small_disk))
    with Scheduler(config, workers=1) as scheduler:
        sources = [f"{DOUBLE}// {number}" for number in range(200)]
        futures = [scheduler.submit(submission(config, source)) for source in sources]
        assert all(isinstance(future.exception(), SandboxError) for future in futures)
        assert scheduler.progress.faults == 200
        assert scheduler.progress.retried < 100


def test_a_long_unit_is_given_back_and_shared(config):
    many = tuple(TestCase(str(n), b"%d\n" % n, b"%d\n" % (2 * n)) for n in range(12))
    whole = replace(config, store=config.store.with_name("whole.sqlite"))
    with Scheduler(whole, workers=1) as scheduler:
        wanted = scheduler.submit(submission(whole, DOUBLE, many)).result()
    units = []
    with Scheduler(config, 3, "short-slices", on_unit=lambda unit, done: units.append(unit)) as scheduler:
        assert scheduler.submit(submission(config, DOUBLE, many)).result() == wanted
        assert (scheduler.progress.native_runs, scheduler.progress.timed_runs) == (12, 12)
    assert {unit.parts for unit in units if isinstance(unit, RunUnit)} >= {1, 3}


def test_a_unit_goes_on_while_others_wait(config, monkeypatch):
    monkeypatch.setattr("sandbox.scheduler.work.SLICE_SECONDS", 0.001)
    sources = [f"{DOUBLE}\nint number() {{ return {number}; }}" for number in range(6)]
    units = []
    with Scheduler(config, 1, "threads", on_unit=lambda unit, done: units.append(unit)) as scheduler:
        for future in [scheduler.submit(submission(config, source)) for source in sources]:
            assert future.result()["strict"].status is Status.ACCEPTED
    most = [unit.slices for unit in units if isinstance(unit, RunUnit)]
    assert max(most) == MOST_SLICES, most
    assert most[-1] == 1.0  # nothing waited any more


def test_slices_are_as_many_as_the_others_take():
    assert slices(waiting=0, seconds=30.0, workers=2) == 1.0
    assert slices(waiting=4, seconds=30.0, workers=2) == 1.0
    assert slices(waiting=20, seconds=30.0, workers=2) == 5.0
    assert slices(waiting=20, seconds=30.0, workers=100) == 1.0
    assert slices(waiting=20_000, seconds=30.0, workers=2) == MOST_SLICES


def test_a_worker_whose_records_go_elsewhere_does_not_keep_the_run_for_ever(config, monkeypatch):
    monkeypatch.setattr("sandbox.scheduler.work.next_need", lambda evidence, policy: None)
    with Scheduler(config, 1, "threads") as scheduler, pytest.raises(SandboxError, match="found nothing to do"):
        scheduler.submit(submission(config, DOUBLE)).result()


def test_any_standard_executor_will_do(config):
    with Scheduler(config, 2, "threads") as scheduler:
        assert scheduler.submit(submission(config, DOUBLE)).result()["strict"].status is Status.ACCEPTED


def test_verdicts_of_equal_programs_are_shared(config):
    with Scheduler(config, workers=1) as scheduler:
        one, other = (scheduler.submit(submission(config, DOUBLE)) for _ in range(2))
        assert one.result() is other.result()
        assert one.result()["strict"] is one.result()["pie_compat"]


def test_a_progress_reporter_that_fails_does_not_hang_the_run(config):
    def fail(progress):
        raise BrokenPipeError("nobody listens")

    with Scheduler(config, 1, on_progress=fail) as scheduler:
        assert scheduler.submit(submission(config, DOUBLE)).result()["strict"].status is Status.ACCEPTED
