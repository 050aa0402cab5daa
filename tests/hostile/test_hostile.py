"""Hostile programs, on engines and isolations that work here, four at once.

``PIE_HOSTILE`` names the pairs to run, as ``gem5-bubblewrap``, or ``all``. By default they are those of
:data:`DEFAULT`, where each engine that needs no hour and each isolation occurs, :data:`SPARE` only where it's needed
for that or its isolation is required. An engine of :data:`FAMILIES` runs only the programs that could meet something of its
own, in the toolchain root that it can run them in.
``PIE_REQUIRE_ISOLATIONS`` and ``PIE_REQUIRE_ENGINES`` name what must work, so that nothing required is skipped.
"""

import contextlib
import os
import secrets
import shutil
import socket
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from sandbox.engines import ENGINES, make_engine
from sandbox.engines.base import EngineContext
from sandbox.isolation import ISOLATIONS, make_isolation
from sandbox.scheduler import SandboxConfig, Scheduler
from sandbox.scheduler.config import open_bench
from sandbox.toolchain import get_root
from sandbox.types import Limits, SandboxError, Status, Submission, Verdict
from tests.hostile.programs import HONEST, NO_TEXT, TESTS, Program, load
from tests.leftovers import adopted, children, containers

DEFAULT = "cachegrind-bubblewrap cachegrind-docker skylake-bubblewrap"
SPARE = ("cachegrind", "bubblewrap")
"""Left out by default where the isolation docker works: its engine and its isolation occur in the other pairs too."""
FAMILIES = {"gem5": ("carry", "clock", "kernel", "output", "recognise")}
TOOLCHAINS = {"gem5": "paper"}
WORKERS = 4
LIMITS = Limits(
    ticks=20_000_000_000,
    cpu_seconds=2,
    memory_bytes=64 << 20,
    output_bytes=1 << 20,
    processes=16,
    compile_cpu_seconds=8,
    compile_memory_bytes=1 << 30,
    binary_bytes=16 << 20,
)
PROGRAMS = {program.name: program for program in load()}


@dataclass
class Outcome:
    """What a run of the whole suite left.

    Attributes:
        engine: The engine's name.
        isolation: The isolation's name.
        verdicts: Program -> checker -> verdict, or the fault that prevented it.
        honest: Ticks of a program that does nothing but answer.
        limits_tree: Of the isolation.
        secret: What only the host knows.
        canary: The file that holds it.
        callers: How many connections the host's listeners got.
        left: Processes, containers and files that are still there.
        workers_lost: How many workers died.
    """

    engine: str
    isolation: str
    verdicts: Mapping[str, Mapping[str, Verdict] | SandboxError]
    honest: int
    limits_tree: bool
    secret: str
    canary: Path
    callers: int
    left: list[str]
    workers_lost: int


def _combinations() -> list[tuple[str, str]]:
    make_isolation("bubblewrap")
    with contextlib.suppress(SandboxError):
        make_engine("cachegrind", EngineContext(get_root("host"), make_isolation("bubblewrap"), {}))
    isolations = [name for name in ISOLATIONS.names() if name != "none"]
    every = [(engine, isolation) for isolation in isolations for engine in ENGINES.names()]
    wanted = os.environ.get("PIE_HOSTILE", DEFAULT).split()
    return [one for one in every if "-".join(one) in wanted or wanted == ["all"]]


def _works(isolation: str) -> bool:
    try:
        make_isolation(isolation).check()
    except SandboxError:
        return False
    return True


@pytest.fixture(scope="module", params=_combinations(), ids="-".join)
def outcome(request: pytest.FixtureRequest) -> Iterator[Outcome]:
    engine, isolation = request.param
    required_isolations = os.environ.get("PIE_REQUIRE_ISOLATIONS", "").split()
    spare = request.param == SPARE and "PIE_HOSTILE" not in os.environ and isolation not in required_isolations
    if spare and _works("docker"):
        pytest.skip("the isolation docker works here, and there cachegrind runs the same programs")
    folder = Path(tempfile.mkdtemp(prefix="hostile-"))
    folder.chmod(0o711)
    try:
        config = SandboxConfig(
            engine=engine,
            toolchain=TOOLCHAINS.get(engine, "host"),
            isolation=isolation,
            limits=LIMITS,
            store=folder / "store.sqlite",
            cache=folder / "cache",
        )
        try:
            open_bench(config)
        except SandboxError as error:
            required = os.environ.get("PIE_REQUIRE_ENGINES", "cachegrind").split()
            if isolation in required_isolations and engine in required:
                raise
            pytest.skip(f"{engine} in {isolation} doesn't work here: {error}")
        with adopted():
            outcome = _run(config, folder)
        yield outcome
    finally:
        shutil.rmtree(folder)


def _run(config: SandboxConfig, folder: Path) -> Outcome:
    secret = secrets.token_hex(16)
    canary = folder / "canary.txt"
    canary.write_text(f"{secret}\n")
    canary.chmod(0o644)
    temporary = folder / "temporary"
    temporary.mkdir()
    temporary.chmod(0o711)
    before = children()
    with pytest.MonkeyPatch.context() as patch, socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        patch.setenv("TMPDIR", str(temporary))
        patch.setenv("PIE_CANARY", secret)
        patch.setenv("OPENAI_API_KEY", secret)
        with socket.socket(socket.AF_UNIX) as abstract:
            abstract.bind(f"\0pie-hostile-{port}")
            abstract.listen()
            facts = {
                "CANARY": str(canary),
                "PORT": str(port),
                "PID": str(os.getpid()),
                "HOST": socket.gethostname(),
                "BYTES": NO_TEXT,
            }
            with Scheduler(config, WORKERS) as scheduler:
                honest = scheduler.submit(Submission(HONEST, TESTS, LIMITS)).result()["strict"]
                assert honest.ticks is not None, honest
                workers = children() - before
                futures = {
                    name: scheduler.submit(Submission(program.source(facts), TESTS, LIMITS))
                    for name, program in sorted(PROGRAMS.items(), key=lambda one: "lasts" not in one[1].says)
                    if name.split("/")[0] in FAMILIES.get(config.engine, (name.split("/")[0],))
                }
                verdicts = {name: _result(future.result) for name, future in futures.items()}
                lost = len(workers - children())
            callers = sum(_callers(one) for one in (listener, abstract))
    return Outcome(
        engine=config.engine,
        isolation=config.isolation,
        verdicts=verdicts,
        honest=honest.ticks,
        limits_tree=open_bench(config).isolation.limits_tree,
        secret=secret,
        canary=canary,
        callers=callers,
        left=_left(before, temporary),
        workers_lost=lost,
    )


def _result(result: Callable[[], Mapping[str, Verdict]]) -> Mapping[str, Verdict] | SandboxError:
    try:
        return result()
    except SandboxError as error:
        return error


def _callers(listener: socket.socket) -> int:
    listener.settimeout(0)
    count = 0
    while True:
        try:
            listener.accept()[0].close()
        except BlockingIOError:
            return count
        count += 1


def _left(before: set[int], temporary: Path) -> list[str]:
    """What is still there after half a minute, in which the kernel and the engine may tidy up; files at once."""
    # a worker is killed at the end, and its folder removed by the next start
    from sandbox import scratch

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(temporary))
        scratch.sweep()
    files = [str(path) for path in temporary.rglob("*") if path.name != f"pie-{os.geteuid()}"]
    deadline = time.monotonic() + 30
    while True:
        left = [f"process {child}" for child in children() - before] + containers(temporary) + files
        if not left or time.monotonic() > deadline:
            return left
        time.sleep(0.2)


def test_there_are_many_and_each_says_what_it_tries() -> None:
    assert len(PROGRAMS) >= 60
    assert len({name.split("/")[0] for name in PROGRAMS}) >= 10


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS.keys())
def test_every_program_gets_its_verdict(outcome: Outcome, program: Program) -> None:
    if program.says.get("needs") == "limits_tree" and not outcome.limits_tree:
        pytest.skip("this isolation can't limit the memory of a process tree here")
    if program.name not in outcome.verdicts:
        pytest.skip(f"{outcome.engine} takes too long for programs that it runs like any other")
    verdicts = outcome.verdicts[program.name]
    if isinstance(verdicts, SandboxError):
        raise verdicts
    for checker, verdict in verdicts.items():
        assert verdict.status is program.verdict(outcome.engine, outcome.isolation, checker), (checker, verdict)
        assert outcome.secret not in verdict.message
        assert program.says.get("message", "") in verdict.message
        assert len(verdict.message) <= 5000
        if "ticks" in program.says and verdict.status is Status.ACCEPTED:
            assert verdict.ticks is not None
            assert verdict.ticks > 0.98 * outcome.honest


def test_the_host_is_untouched(outcome: Outcome) -> None:
    assert outcome.canary.read_text() == f"{outcome.secret}\n"
    assert outcome.callers == 0


def test_no_worker_died(outcome: Outcome) -> None:
    assert outcome.workers_lost == 0


def test_nothing_is_left(outcome: Outcome) -> None:
    assert outcome.left == []
