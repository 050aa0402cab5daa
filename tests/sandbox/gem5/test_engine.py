"""The engine gem5 with a real gem5: equal to the golden runs, to a run alone, and safe from what simulated programs do."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from sandbox.engines.base import EngineContext
from sandbox.engines.gem5 import Gem5
from sandbox.types import Ending, Limits, Run, SandboxError
from tests.leftovers import adopted
from tests.sandbox.gem5 import programs
from tests.sandbox.gem5.conftest import GOLDEN, Compile, golden_rows
from tests.sandbox.gem5.families import gem5s
from tests.waiting import wait_until

LIMITS = Limits(ticks=20_000_000_000)
SHORT = Limits(ticks=2_000_000_000)


def program(body: str) -> str:
    return programs.OPENING + body


def same(runs: Sequence[Run]) -> list[Run]:
    """Runs without what the host's speed decides."""
    return [replace(run, detail={}) for run in runs]


@pytest.fixture(scope="module")
def alone(engine: Gem5, context: EngineContext) -> Gem5:
    """The same gem5, which simulates every test from the start."""
    return Gem5(EngineContext(context.root, context.isolation, {"audit": "0", "start_up": "alone"}))


@pytest.mark.parametrize("name", programs.SHARING)
def test_a_shared_start_up_changes_nothing(name: str, engine: Gem5, alone: Gem5, compiled: Compile) -> None:
    binary = compiled(program(programs.SHARING[name]))
    shared = same(list(engine.run(binary, programs.INPUTS, LIMITS)))
    assert shared == same(list(alone.run(binary, programs.INPUTS, LIMITS)))
    assert [run.ending for run in shared] == [Ending.EXITED] * 2
    if name in programs.FIXED_EXPECTATIONS:
        assert tuple(run.stdout for run in shared) == programs.FIXED_EXPECTATIONS[name]
    if name == "iostream":
        assert [run.code for run in shared] == [5, 71]


@pytest.mark.parametrize("name", programs.UNTRUSTED)
def test_a_shared_start_up_changes_no_failure(name: str, engine: Gem5, alone: Gem5, compiled: Compile) -> None:
    binary = compiled(program(programs.UNTRUSTED[name]))
    shared, apart = (
        [(run.ending, run.code, run.ticks, run.stdout) for run in one.run(binary, programs.INPUTS[:1], LIMITS)]
        for one in (engine, alone)
    )
    assert shared == apart


@pytest.mark.parametrize(("name", "share"), [("stdio", 0.5), ("iostream", 0.9), ("constructor", 0.5), ("mapped", 0.5)])
def test_most_of_a_run_is_simulated_once(name: str, share: float, engine: Gem5, compiled: Compile) -> None:
    for run in engine.run(compiled(program(programs.SHARING[name])), programs.INPUTS, LIMITS):
        assert run.ticks is not None
        assert run.detail["shared_ticks"] > share * run.ticks


def test_a_program_runs_on_where_its_last_tests_left_it(engine: Gem5, compiled: Compile) -> None:
    binary = compiled(program(programs.SHARING["stdio"]))
    (first,) = engine.run(binary, programs.INPUTS[:1], LIMITS)
    before = simulators()
    again, other = engine.run(binary, programs.INPUTS, LIMITS)
    assert same([again]) == same([first])
    assert other.stdout == programs.FIXED_EXPECTATIONS["stdio"][1]
    assert simulators() == before
    (limited,) = engine.run(binary, programs.INPUTS[:1], replace(LIMITS, ticks=150_000_000))
    assert limited.ending is Ending.TIME_LIMIT


def test_the_order_of_tests_changes_nothing(engine: Gem5, compiled: Compile) -> None:
    binary = compiled(program(programs.SHARING["iostream"]))
    forward = same(list(engine.run(binary, programs.INPUTS, LIMITS)))
    assert same(list(engine.run(binary, programs.INPUTS[::-1], LIMITS)))[::-1] == forward


def micro_rows() -> list[dict[str, object]]:
    """The golden micro-programs, the quick ones first; how many are run says PIE_GOLDEN_RUNS."""
    rows = sorted(golden_rows("micro.jsonl"), key=lambda row: float(str(row["host_s"])))
    return rows[: int(os.environ.get("PIE_GOLDEN_RUNS", "8"))]


def run_micro(row: dict[str, object], engine: Gem5, compiled: Compile) -> Run:
    binary = compiled((GOLDEN / "micro" / f"{row['program']}.cpp").read_text())
    (run,) = engine.run(binary, [(GOLDEN / "micro" / "inputs" / str(row["input"])).read_bytes()], Limits())
    return run


@pytest.mark.parametrize("row", micro_rows(), ids=lambda row: str(row["input"]))
def test_ticks_are_those_of_the_published_script(
    row: dict[str, object], engine: Gem5, published: Gem5, compiled: Compile
) -> None:
    ours = run_micro(row, engine, compiled)
    assert ours.ending is Ending.EXITED
    assert same([ours]) == same([run_micro(row, published, compiled)])


@pytest.mark.parametrize("row", micro_rows(), ids=lambda row: str(row["input"]))
def test_ticks_are_near_the_golden_runs(
    row: dict[str, object], engine: Gem5, compiled: Compile, is_paper_clock: bool
) -> None:
    """Not the same to the last digit: the index of shared libraries in the golden runs' root isn't known."""
    if not is_paper_clock:
        pytest.skip("the golden runs are of gem5 20.1.0.5 in the root 'paper'")
    run, stats = run_micro(row, engine, compiled), row["stats"]
    assert isinstance(stats, dict)
    assert run.ticks == pytest.approx(stats["simTicks"], rel=0.01)
    assert run.instructions == pytest.approx(stats["simInsts"], abs=200)


@pytest.mark.parametrize(
    ("body", "limits", "ending"),
    [
        (programs.ENDLESS, SHORT, Ending.TIME_LIMIT),
        (programs.DEADLOCK, LIMITS, Ending.BLOCKED),
        (programs.FLOOD, Limits(output_bytes=10_000), Ending.OUTPUT_LIMIT),
    ],
)
def test_limits(body: str, limits: Limits, ending: Ending, engine: Gem5, compiled: Compile) -> None:
    if ending is Ending.BLOCKED and not engine.fingerprint()["gem5"].startswith("20."):
        pytest.skip("only gem5 v20.1 hangs after abort()")
    (run,) = engine.run(compiled(program(body)), [b""], limits)
    assert (run.ending, run.ticks) == (ending, None)
    assert len(run.stdout) <= limits.output_bytes


def test_a_stuck_processor_is_told_from_a_slow_program(engine: Gem5, compiled: Compile, is_paper_clock: bool) -> None:
    if not is_paper_clock or not GOLDEN.is_dir():
        pytest.skip("the program that deadlocks gem5 v20.1 is in the golden set, compiled in the root 'paper'")
    binary = compiled((GOLDEN / "micro" / "unordered_map_insert.cpp").read_text())
    (run,) = engine.run(binary, [b"30000\n"], Limits())
    assert run.ending is Ending.BLOCKED
    assert "committed nothing" in run.message


@pytest.mark.parametrize(
    "call",
    [
        f"m5({programs.EXIT})",
        f"m5({programs.FAIL}, 0, 0)",
        f"m5({programs.SWITCH})",
    ],
)
def test_a_program_that_ends_the_simulation_itself_has_no_time(call: str, engine: Gem5, compiled: Compile) -> None:
    (run,) = engine.run(compiled(program(programs.PSEUDO.format(call=call))), [b"5\n"], LIMITS)
    assert run.ending is not Ending.EXITED
    assert run.ticks is None


def test_a_program_that_resets_statistics_gains_nothing(engine: Gem5, compiled: Compile) -> None:
    plain = compiled(program(programs.PSEUDO.format(call='asm volatile("nop")')))
    resets = compiled(program(programs.PSEUDO.format(call=f"m5({programs.RESET}); m5({programs.DUMP})")))
    (honest,), (cheat,) = (list(engine.run(binary, [b"5\n"], LIMITS)) for binary in (plain, resets))
    assert cheat.stdout == honest.stdout
    if cheat.ending is Ending.EXITED:
        assert cheat.ticks is not None and honest.ticks is not None
        assert cheat.ticks > 0.95 * honest.ticks


def test_nothing_can_be_left_for_another_run(engine: Gem5, compiled: Compile) -> None:
    runs = list(engine.run(compiled(program(programs.WRITER)), programs.INPUTS, LIMITS))
    assert [run.stdout for run in runs] == [b"0\n"] * 2


def test_the_process_that_a_program_sees_is_always_the_same(
    engine: Gem5, compiled: Compile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    binary = compiled(program(programs.NAMES))
    (first,) = engine.run(binary, [b""], LIMITS)
    monkeypatch.setenv("LANG", "x" * 1000)
    monkeypatch.chdir(tmp_path)
    other = tmp_path / ("a" * 100)
    other.write_bytes(binary.read_bytes())
    fresh = Gem5(EngineContext(engine._context.root, engine._context.isolation, {"audit": "0"}))
    (second,) = fresh.run(other, [b""], LIMITS)
    fresh.close()
    assert first.stdout.replace(b"/work/", b"/work") == b"1 ./prog /work 1\n"
    assert same([first]) == same([second])


def test_256_bit_avx2_is_never_right(engine: Gem5, compiled: Compile) -> None:
    """v20.1 gives up on it, v24 computes half of it: neither may look like a right run."""
    (run,) = engine.run(compiled(program(programs.AVX2)), [b""], LIMITS)
    assert run.ending is Ending.ENGINE_CRASH or run.stdout != b"1 4 9 16 25 36 49 64 \n"


def test_more_memory_than_the_simulated_machine_has(engine: Gem5, compiled: Compile) -> None:
    (run,) = engine.run(compiled(program(programs.MEMORY)), [b""], LIMITS)
    assert run.ending in (Ending.BLOCKED, Ending.ENGINE_CRASH)
    assert run.ticks is None


def test_closing_the_iterator_ends_the_simulator(engine: Gem5, context: EngineContext, compiled: Compile) -> None:
    before = simulators()
    own = Gem5(context)
    runs = own.run(compiled(program(programs.ENDLESS)), programs.INPUTS, Limits(ticks=1_000_000_000))
    next(iter(runs))
    assert simulators() - before
    with adopted():
        runs.close()  # type: ignore[attr-defined]
        own.close()
        wait_until(lambda: simulators() <= before)


def test_an_agent_that_is_hardly_started_ends_too(context: EngineContext, engine: Gem5) -> None:
    before = simulators()
    with adopted():
        for _ in range(5):
            Gem5(context)._connect().close()
        wait_until(lambda: simulators() <= before)


def simulators() -> set[int]:
    """Process ids of running gem5s that serve an agent of this process's; orphans count where they are adopted."""
    found, parents = set(), {}
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            if b"/agent/sandbox/gem5/boot.py" in (folder / "cmdline").read_bytes():
                found.add(int(folder.name))

    def is_ours(pid: int) -> bool:
        return pid == os.getpid() or (pid in parents and is_ours(parents[pid]))

    return {pid for pid in found if is_ours(pid)}


def gem5s_from_now() -> Callable[[], list[int]]:
    """A function that gives the gem5s of this process that were started since, an agent before its simulators."""
    before = gem5s(os.getpid())
    return lambda: [process for process in gem5s(os.getpid()) if process not in before]


def test_a_simulator_that_sleeps_once_gives_no_verdict(engine: Gem5, context: EngineContext, compiled: Compile) -> None:
    """What doesn't repeat is the host's doing: the harness retries it, and it is never the program's fault."""
    own, started = Gem5(context), gem5s_from_now()
    with ThreadPoolExecutor(1) as pool:
        run = pool.submit(lambda: list(own.run(compiled(program(programs.ENDLESS)), [b""], SHORT)))
        wait_until(lambda: len(started()) > 1)
        os.kill(started()[1], signal.SIGSTOP)
        with pytest.raises(SandboxError, match=r"blocked once and not again: waits for something outside \(T in"):
            run.result()
    own.close()


def test_a_simulator_keeps_the_pipe_of_gem5_s_allocator(
    engine: Gem5, context: EngineContext, compiled: Compile
) -> None:
    """Else libunwind would open another behind the gate, under the allocator's lock, and the simulator sleep for ever."""
    own, started = Gem5(context), gem5s_from_now()

    def pipes(pid: int) -> dict[str, list[str]]:
        numbers: dict[str, list[str]] = {}
        for path in Path(f"/proc/{pid}/fd").iterdir():
            target = str(path.readlink())
            if target.startswith("pipe:"):
                numbers.setdefault(target, []).append(path.name)
        return {target: sorted(ends) for target, ends in numbers.items() if len(ends) == 2}

    with ThreadPoolExecutor(1) as pool:
        run = pool.submit(lambda: list(own.run(compiled(program(programs.ENDLESS)), [b""], SHORT)))
        wait_until(lambda: len(started()) > 1)
        agent, simulator = started()[:2]
        of_gem5 = pipes(agent)
        kept = pipes(simulator)
        run.result()
    own.close()
    if not of_gem5:
        pytest.skip("this gem5's allocator has no pipe")
    assert kept.items() >= of_gem5.items()


def test_a_killed_simulator_is_the_harness_s_fault_and_the_next_run_works(
    engine: Gem5, context: EngineContext, compiled: Compile
) -> None:
    binary = compiled(program(programs.SHARING["stdio"]))
    own = Gem5(context)
    before = simulators()
    (good,) = own.run(binary, programs.INPUTS[:1], LIMITS)
    for pid in simulators() - before:
        with suppress(ProcessLookupError):  # the first to go takes the others along
            os.kill(pid, 9)
    wait_until(lambda: not any(connection.transport.alive() for connection, _ in own._idle))
    (again,) = own.run(binary, programs.INPUTS[:1], LIMITS)
    own.close()
    assert same([good]) == same([again])


def test_an_audit_repeats_alone_and_notices(
    engine: Gem5, context: EngineContext, compiled: Compile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIE_CACHE_DIR", str(tmp_path))
    binary = compiled(program(programs.SHARING["stdio"]))
    audited = Gem5(EngineContext(context.root, context.isolation, {"audit": "1"}))
    assert len(list(audited.run(binary, programs.INPUTS, LIMITS))) == 2
    real = audited._test
    monkeypatch.setattr(
        audited,
        "_test",
        lambda connection, data, alone: replace(real(connection, data, alone), code=int(alone)),
    )
    with pytest.raises(SandboxError, match="audit: a shared start-up changed a run"):
        list(audited.run(binary, programs.INPUTS, LIMITS))
    audited.close()
    assert [kept.read_bytes() for kept in (tmp_path / "audit").iterdir()] == [binary.read_bytes()]


def test_the_fingerprint_names_the_simulator_and_what_it_runs_in(engine: Gem5, alone: Gem5) -> None:
    fingerprint = dict(engine.fingerprint())
    assert fingerprint["engine"] == "gem5"
    assert len(fingerprint["gem5_sha256"]) == len(fingerprint["script_sha256"]) == 64
    assert {name for name in fingerprint if fingerprint[name] != dict(alone.fingerprint())[name]} == {"start_up"}


def test_the_effective_parameters_are_the_published_script_s(
    engine: Gem5, compiled: Compile, is_paper_clock: bool
) -> None:
    """gem5's own record of every parameter, value by value. The bus ports are numbered by order of connection."""
    golden = GOLDEN / "v20.1-paper" / "config.ini"
    if not is_paper_clock or not golden.is_file():
        pytest.skip("the record is of gem5 v20.1 in the root 'paper'")
    ours = sections(engine.config(compiled(program(programs.SHARING["no_input"]))))
    theirs = sections(golden.read_text())
    assert ours.keys() == theirs.keys()
    apart = {"cwd", "kvm_vm"}  # the golden run's own folder; a gem5 built without KVM has no such parameter
    for section, values in theirs.items():
        assert {k: v for k, v in ours[section].items() if k not in apart} == {
            k: v for k, v in values.items() if k not in apart
        }, section
    assert ours["system.cpu.dcache"]["data_latency"] == "1"


def test_a_later_gem5_has_every_parameter_that_it_shares_with_the_record(engine: Gem5, compiled: Compile) -> None:
    """What has moved to an object of its own counts too: TLBs, target buffer and return stack."""
    golden = GOLDEN / "v20.1-paper" / "config.ini"
    if engine.fingerprint()["gem5"].startswith("20.") or not golden.is_file():
        pytest.skip("the test before this one holds v20.1 against its own record")
    ours = sections(engine.config(compiled(program(programs.SHARING["no_input"]))))
    cpu = "system.cpu"
    theirs = sections(re.sub(r"\bsystem\.cpu\.([id]tb)", rf"{cpu}.mmu.\1", golden.read_text()))
    assert theirs.keys() <= ours.keys()
    # names of kinds and parts, the folder, and what has no meaning for one thread, or without a device's memory
    apart = {"children", "type", "cwd", "workload", "smtFetchPolicy", "m5ops_base"}
    different = {
        (section, name): (value, ours[section][name])
        for section, values in theirs.items()
        for name, value in values.items()
        if name not in apart and name in ours[section] and ours[section][name] != value
    }
    assert different == {}
    old, predictor = theirs[f"{cpu}.branchPred"], f"{cpu}.branchPred"
    assert ours[f"{predictor}.btb"]["numEntries"] == old["BTBEntries"]
    assert ours[f"{predictor}.btb"]["tagBits"] == old["BTBTagSize"]
    assert ours[f"{predictor}.ras"]["numEntries"] == old["RASSize"]
    for cache in (f"{cpu}.icache", f"{cpu}.dcache", f"{cpu}.mmucache", "system.l2cache", "system.l3cache"):
        assert ours[f"{cache}.prefetcher"]["prefetch_on_access"] == theirs[cache]["prefetch_on_access"]


def sections(text: str) -> dict[str, dict[str, str]]:
    made: dict[str, dict[str, str]] = {}
    for line in text.splitlines():
        if line.startswith("["):
            current = made.setdefault(line.strip("[]"), {})
        elif "=" in line:
            name, _, value = line.partition("=")
            current[name] = value
    return made
