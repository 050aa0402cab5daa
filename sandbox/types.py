"""The words that the rooms exchange: submissions go in, verdicts come out.

Everything here is a frozen value without behaviour beyond derived properties; no process is started from this file.
Times are integers in *ticks* of one picosecond, as in gem5 (``sim_freq`` = 10**12), so that sums are exact and equal
on every machine.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property

TICKS_PER_SECOND = 10**12
"""gem5's tick is one picosecond; every engine reports in this unit."""

TICKS_PER_CYCLE = 286
"""Ticks of one cycle at 3.5 GHz, rounded as gem5 rounds it."""


class Status(str, Enum):
    """How a candidate, or one of its tests, ended."""

    ACCEPTED = "accepted"
    WRONG_ANSWER = "wrong_answer"
    COMPILE_ERROR = "compile_error"
    RUNTIME_ERROR = "runtime_error"
    TIME_LIMIT = "time_limit"
    MEMORY_LIMIT = "memory_limit"
    OUTPUT_LIMIT = "output_limit"
    NO_CODE = "no_code"
    ENGINE_DIVERGENCE = "engine_divergence"
    INFRA_ERROR = "infra_error"


def sha256(data: bytes) -> str:
    """The hexadecimal SHA-256 of ``data``."""
    return hashlib.sha256(data).hexdigest()


@dataclass(frozen=True)
class TestCase:
    """One test of a problem.

    Attributes:
        name: Its index in the problem's folder of test cases, as text ("17").
        input: What the program reads from standard input.
        expected: What an accepted program prints.
    """

    __test__ = False  # the field's term; tells pytest that this is no test class

    name: str
    input: bytes
    expected: bytes

    @cached_property
    def input_sha256(self) -> str:
        return sha256(self.input)

    @cached_property
    def expected_sha256(self) -> str:
        return sha256(self.expected)


@dataclass(frozen=True)
class Limits:
    """Limits of one compilation and of one run. They are part of a measurement's key.

    Attributes:
        ticks: Simulated time of a timed run, in ticks. The published evaluation allows a simulation 120 s of a fast
            host; the default is what gem5 simulates in that time.
        cpu_seconds: CPU time of a native run and of an engine that can't limit simulated time, in seconds.
        memory_bytes: Data and stack of the program.
        output_bytes: Standard output; what comes after is cut and the run ends.
        processes: Processes and threads that the program may have at once.
        compile_cpu_seconds: CPU time of one compilation, in seconds.
        compile_memory_bytes: Address space of the compiler.
        binary_bytes: Size of the compiled program.
    """

    ticks: int = 400_000_000_000
    cpu_seconds: int = 10
    memory_bytes: int = 1 << 30
    output_bytes: int = 16 << 20
    processes: int = 16
    compile_cpu_seconds: int = 60
    compile_memory_bytes: int = 4 << 30
    binary_bytes: int = 64 << 20


@dataclass(frozen=True)
class Submission:
    """A program with its tests.

    Attributes:
        source: The C++ program, or ``None`` where the response held no code.
        tests: The problem's tests, in the data set's order. Submissions of one problem share the same tuple.
        limits: What the program may use.
    """

    source: str | None
    tests: tuple[TestCase, ...]
    limits: Limits = Limits()

    @cached_property
    def source_sha256(self) -> str:
        return sha256((self.source or "").encode(errors="surrogatepass"))


class Ending(str, Enum):
    """How one process run by an engine ended, before any checker has looked at its output."""

    EXITED = "exited"
    SIGNALLED = "signalled"
    TIME_LIMIT = "time_limit"
    BLOCKED = "blocked"
    MEMORY_LIMIT = "memory_limit"
    OUTPUT_LIMIT = "output_limit"
    ENGINE_CRASH = "engine_crash"


@dataclass(frozen=True)
class Run:
    """What one program did on one input under one engine.

    Attributes:
        ending: How it ended. ``ENGINE_CRASH`` means that the engine itself failed, and failed again when repeated.
        code: Exit status for ``EXITED``, signal number for ``SIGNALLED``, else 0.
        stdout: Its standard output, cut at ``Limits.output_bytes``.
        ticks: Simulated time, or ``None`` where the engine has none (a native run, a run that was cut).
        instructions: Executed instructions where the engine counts them.
        message: One line for people: the end of standard error, or the engine's complaint.
        detail: The engine's own counters, for reports and fidelity work.
    """

    ending: Ending
    code: int
    stdout: bytes
    ticks: int | None = None
    instructions: int | None = None
    message: str = ""
    detail: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Check:
    """A checker's opinion of one output.

    Attributes:
        accepted: Whether the output is right.
        accuracy: Share of right lines, 0 to 1 (PIE's accuracy of a test).
    """

    accepted: bool
    accuracy: float


@dataclass(frozen=True)
class Measurement:
    """A stored run: :class:`Run` with its output replaced by a hash."""

    ending: Ending
    code: int
    stdout_sha256: str
    stdout_bytes: int
    ticks: int | None
    instructions: int | None
    message: str


def succeeded(run: Run | Measurement) -> bool:
    """Whether a run ended by itself with status 0: only then does its output count."""
    return run.ending is Ending.EXITED and run.code == 0


@dataclass(frozen=True, slots=True)  # a large run holds millions
class TestResult:
    """One test of one candidate under one checker.

    Attributes:
        name: The test case's name.
        status: How the test ended.
        ticks: Simulated time; ``None`` where it wasn't timed (early stop, limit, not correct).
        accuracy: Share of right lines in the run that decides correctness; ``None`` where it didn't run (early stop).
        instructions: Instructions executed in the timed run, where counted.
    """

    __test__ = False

    name: str
    status: Status
    ticks: int | None
    accuracy: float | None
    instructions: int | None = None


class Outputs(str, Enum):
    """How a right program's native and timed outputs compare, on the tests that have both."""

    AGREE = "agree"
    DIFFER_UNDER_ENGINE = "differ_under_engine"
    DIFFER_EACH_TIME = "differ_each_time"


@dataclass(frozen=True)
class Verdict:
    """What the sandbox says of one submission under one checker.

    Attributes:
        status: ``accepted``, or the first failure in the order of the tests.
        correct: Whether the program counts as correct. PIE counts a program whose native run is right as correct even
            when its simulation hits the limit; its time is then infinite (``ticks is None``).
        ticks: Sum over all tests of simulated time, or ``None`` for an infinite time.
        tests: One result a test that was run, in the data set's order.
        message: One line for people: compiler message, failing test, limit.
        binary_sha256: Of the compiled program, or ``None``.
        outputs: Whether the program prints the same natively and under the engine. Results don't keep it.
    """

    status: Status
    correct: bool
    ticks: int | None
    tests: tuple[TestResult, ...] = ()
    message: str = ""
    binary_sha256: str | None = None
    outputs: Outputs = Outputs.AGREE

    @property
    def seconds(self) -> float:
        """Simulated seconds; infinite where the program has no time."""
        return float("inf") if self.ticks is None else self.ticks / TICKS_PER_SECOND


class SandboxError(Exception):
    """Something outside the candidate failed: the harness, the host, a tool. Never a score.

    The message is one line that says what is wrong and what to do.
    """
