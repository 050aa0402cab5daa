"""From evidence to verdict: pure functions that say what is still to be run, and what it all means.

The order of work is fixed: tests in the data set's order, correctness before time, nothing after the test at which every
checker has given up. So the verdict depends on the measurements alone: not on what else the store knows, nor on how many
workers ran them. Other orders find little sooner: small inputs first save 0.7 % of the work on programs of which a third is
wrong, and the tests that reject most, which depend on who else was judged, 3.2 % (``benchmarks/test_order.py``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple, get_args

from sandbox.types import Check, Ending, Measurement, Outputs, Status, TestCase, TestResult, Verdict, succeeded

_FAILED = {
    Ending.SIGNALLED: Status.RUNTIME_ERROR,
    Ending.TIME_LIMIT: Status.TIME_LIMIT,
    Ending.BLOCKED: Status.TIME_LIMIT,
    Ending.MEMORY_LIMIT: Status.MEMORY_LIMIT,
    Ending.OUTPUT_LIMIT: Status.OUTPUT_LIMIT,
    Ending.ENGINE_CRASH: Status.RUNTIME_ERROR,
}


class MissingRunError(ValueError):
    """The evidence doesn't suffice for a verdict."""


@dataclass(frozen=True)
class Policy:
    """How a submission is judged.

    Attributes:
        native_first: Correctness is decided natively before anything is timed (see ``Engine.native_first``).
        checkers: Names of the checkers; a program is given up when all of them reject it.
        all_tests: Go on after a failure, so that accuracies are known for all tests.
        timing_tests: How many tests of a problem are timed, where that is fewer than all; every test still decides
            correctness, natively.
    """

    native_first: bool
    checkers: tuple[str, ...]
    all_tests: bool = False
    timing_tests: int | None = None


def timed_indices(tests: Sequence[TestCase], policy: Policy) -> list[int]:
    """The tests that make a program's time, in their order.

    A subset depends on the problem's inputs alone: from the inputs in order of size, those in the middles of equally
    many groups, so that small and large ones are there in proportion.
    """
    number = policy.timing_tests
    if number is None or number >= len(tests):
        return list(range(len(tests)))
    by_size = sorted(range(len(tests)), key=lambda index: (len(tests[index].input), tests[index].input_sha256, index))
    return sorted(by_size[(2 * group + 1) * len(tests) // (2 * number)] for group in range(number))


@dataclass(frozen=True)
class Evidence:
    """What is known of one binary on one problem's tests.

    Attributes:
        native: Test index -> native run.
        timed: Test index -> run under the engine.
        again: Test index -> second native run, where there was a reason for one.
        checks: (output hash, expected hash, checker name) -> opinion, for every output above that ended with status 0.
    """

    tests: Sequence[TestCase]
    native: Mapping[int, Measurement]
    timed: Mapping[int, Measurement]
    checks: Mapping[tuple[str, str, str], Check]
    again: Mapping[int, Measurement] = field(default_factory=dict)

    def passes(self, index: int, run: Measurement, checker: str) -> Check:
        """A checker's opinion of a run; a run that didn't end with status 0 has accuracy 0, as published."""
        if not succeeded(run):
            return Check(False, 0.0)
        return self.checks[(run.stdout_sha256, self.tests[index].expected_sha256, checker)]

    def agree(self, one: str, other: str) -> bool:
        """Whether two checkers have the same opinion of every output."""
        return all(
            check == self.checks.get((stdout, expected, other))
            for (stdout, expected, name), check in self.checks.items()
            if name == one
        )

    def and_run(
        self, index: int, run: Measurement, checks: Mapping[tuple[str, str, str], Check], kind: Kind
    ) -> Evidence:
        """This evidence and one more run, with the opinions of its output."""
        return replace(self, checks={**self.checks, **checks}, **{kind: {**getattr(self, kind), index: run}})  # type: ignore[arg-type]


Kind = Literal["native", "timed", "again"]
"""A native run, one under the engine, or a second native one."""

KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True)
class Need:
    """Runs of one kind that are missing, in this order, and no further than the first failure."""

    kind: Kind
    indices: tuple[int, ...]


class _Step(NamedTuple):
    """One test as one checker sees it. ``missing`` names the run without which nothing can be said.

    A tuple, for a large run makes millions of them.
    """

    result: TestResult | None
    correct: bool = False
    missing: str | None = None
    message: str = ""


def _seconds_message(run: Measurement, test: str, status: Status) -> str:
    what = {
        Status.WRONG_ANSWER: "wrong output",
        Status.RUNTIME_ERROR: f"signal {run.code}" if run.ending is Ending.SIGNALLED else f"exit status {run.code}",
        Status.TIME_LIMIT: "waited for ever" if run.ending is Ending.BLOCKED else "time limit",
        Status.MEMORY_LIMIT: "memory limit",
        Status.OUTPUT_LIMIT: "output limit",
    }.get(status, status.value)
    return f"test {test}: {what}" + (f" ({run.message})" if run.message else "")


def _failure(run: Measurement) -> Status:
    if run.ending is Ending.EXITED:
        return Status.WRONG_ANSWER if run.code == 0 else Status.RUNTIME_ERROR
    return _FAILED[run.ending]


def _correctness(evidence: Evidence, index: int, policy: Policy, checker: str) -> _Step:
    """Whether the program is right on one test, by the run that decides it."""
    test = evidence.tests[index].name
    native, timed = evidence.native.get(index), evidence.timed.get(index)
    if policy.native_first:
        if native is None:
            return _Step(None, missing="native")
    elif timed is None:
        return _Step(None, missing="timed")
    elif evidence.passes(index, timed, checker).accepted:
        return _Step(TestResult(test, Status.ACCEPTED, timed.ticks, 1.0, timed.instructions), correct=True)
    elif native is None:
        # A program that fails under the engine may still be right: the simulator's fault, or its limit.
        return _Step(None, missing="native")
    check = evidence.passes(index, native, checker)
    if check.accepted:
        return _Step(TestResult(test, Status.ACCEPTED, None, check.accuracy), correct=True)
    status = _failure(native)
    return _Step(TestResult(test, status, None, check.accuracy), message=_seconds_message(native, test, status))


def _timing(evidence: Evidence, index: int, checker: str, right: TestResult) -> _Step:
    """The time of a test that is right."""
    if right.ticks is not None:  # it was the timed run that decided
        return _Step(right, correct=True)
    timed = evidence.timed.get(index)
    if timed is None:
        return _Step(None, missing="timed")
    test = evidence.tests[index].name
    if evidence.passes(index, timed, checker).accepted:
        result = TestResult(test, Status.ACCEPTED, timed.ticks, right.accuracy, timed.instructions)
        return _Step(result, correct=timed.ticks is not None)
    if timed.ending is Ending.TIME_LIMIT:
        result = TestResult(test, Status.TIME_LIMIT, None, right.accuracy)
        return _Step(result, message=f"test {test}: right, but over the limit of simulated time")
    # The published script never looks at the simulated output: a simulation that ends has a time.
    counted = checker == "pie_compat" and timed.ending is Ending.EXITED and timed.ticks is not None
    result = TestResult(test, Status.ENGINE_DIVERGENCE, timed.ticks if counted else None, right.accuracy)
    cause = _seconds_message(timed, test, _failure(timed))
    return _Step(result, correct=counted, message=f"right natively, not under the engine: {cause}")


def _walk(evidence: Evidence, policy: Policy, checker: str) -> Iterator[tuple[str, int, _Step]]:
    """Correctness of every test, then time of every test; ends where this checker needs nothing more."""
    right: dict[int, TestResult] = {}
    wrong = False
    for index in range(len(evidence.tests)):
        step = _correctness(evidence, index, policy, checker)
        yield "correctness", index, step
        if step.missing:
            continue
        if step.correct and step.result is not None:
            right[index] = step.result
        else:
            wrong = True
            if not policy.all_tests:
                return
    if wrong or len(right) < len(evidence.tests):
        return
    for index in timed_indices(evidence.tests, policy):
        step = _timing(evidence, index, checker, right[index])
        yield "timing", index, step
        if not step.missing and not step.correct:
            return


def next_need(evidence: Evidence, policy: Policy) -> Need | None:
    """The runs to do next, or ``None`` when every checker can be satisfied.

    Correctness comes before time. A batch holds every missing run of its kind up to where the last checker gives up.
    """
    wanted: dict[str, dict[str, set[int]]] = {"correctness": {}, "timing": {}}
    timed: dict[str, list[int]] = {}
    for checker in policy.checkers:
        for phase, index, step in _walk(evidence, policy, checker):
            if step.missing:
                wanted[phase].setdefault(step.missing, set()).add(index)
            elif phase == "timing":
                timed.setdefault(checker, []).append(index)
    for phase in ("correctness", "timing"):
        for kind in KINDS:
            indices = wanted[phase].get(kind)
            if indices:
                return Need(kind, tuple(sorted(indices)))
    comparisons = (_outputs(evidence, policy, checker, indices) for checker, indices in timed.items())
    return next((one for one in comparisons if isinstance(one, Need)), None)


def _outputs(evidence: Evidence, policy: Policy, checker: str, timed: Sequence[int]) -> Outputs | Need:
    """How a right program's native and timed outputs compare, or the run that is missing to say so.

    Compared are the tests whose native and timed runs the verdict rests on, and the first one where the engine needs no
    native runs; so it doesn't depend on what else is in the store. The first difference is held against a second native
    run.

    Args:
        evidence: All runs.
        policy: How the program is judged.
        checker: By which checker.
        timed: The tests that were timed for it, in their order; none of a wrong program.
    """
    for index in timed:
        run = evidence.timed[index]
        if not policy.native_first and index != timed[0] and evidence.passes(index, run, checker).accepted:
            continue
        native = evidence.native.get(index)
        if native is None:
            return Need("native", (index,))
        if native.ending is not Ending.EXITED or run.ending is not Ending.EXITED or _said(native) == _said(run):
            continue
        again = evidence.again.get(index)
        if again is None:
            return Need("again", (index,))
        return Outputs.DIFFER_UNDER_ENGINE if _said(again) == _said(native) else Outputs.DIFFER_EACH_TIME
    return Outputs.AGREE


def _said(run: Measurement) -> tuple[int, str]:
    return run.code, run.stdout_sha256


def given_up(evidence: Evidence, policy: Policy, index: int, kind: Kind) -> bool:
    """Whether the run of test ``index`` that has just ended makes further runs of its batch pointless."""
    if kind == "again":
        return False
    run = (evidence.native if kind == "native" else evidence.timed)[index]
    if policy.all_tests and (kind == "native" or not policy.native_first):
        return False
    return not any(evidence.passes(index, run, checker).accepted for checker in policy.checkers)


def judge(evidence: Evidence, policy: Policy, checker: str, binary_sha256: str) -> Verdict:
    """One checker's verdict on complete evidence.

    Raises:
        MissingRunError: A run is missing (``next_need`` isn't ``None``).
    """
    results: dict[int, TestResult] = {}
    ticks = 0
    first_failure: tuple[Status, str] | None = None
    correct = True
    in_time = True
    timed: list[int] = []
    for phase, index, step in _walk(evidence, policy, checker):
        if step.missing or step.result is None:
            raise MissingRunError(f"test {evidence.tests[index].name} has no {step.missing} run")
        results[index] = step.result
        if phase == "correctness":
            correct = correct and step.correct
        else:
            ticks += step.result.ticks or 0
            timed.append(index)
            in_time = in_time and step.correct
        if step.result.status is not Status.ACCEPTED and first_failure is None:
            first_failure = (step.result.status, step.message)
    outputs = _outputs(evidence, policy, checker, timed)
    if isinstance(outputs, Need):
        raise MissingRunError(f"test {evidence.tests[outputs.indices[0]].name} has no {outputs.kind} run")
    status, message = first_failure or (Status.ACCEPTED, "")
    tests = tuple(results[index] for index in sorted(results))
    return Verdict(status, correct, ticks if correct and in_time else None, tests, message, binary_sha256, outputs)
