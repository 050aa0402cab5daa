"""Stage 2: which of the sampled programs are new. They compile, run, and print what no other program prints."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from pie_tasks.selfplay.inputs import InputGrammar, choose_tests
from pie_tasks.selfplay.inputs.choose import MIN_TESTS
from pie_tasks.selfplay.messages import brief
from pie_tasks.selfplay.outputs import Outputs, outputs_of, same_outputs
from pie_tasks.selfplay.seeds import Seed, common_inputs
from pie_tasks.selfplay.workspace import Workspace
from pie_tasks.training.near import NearIndex
from pie_tasks.training.normalise import normal_form
from sandbox.programs import Executed, Programs
from sandbox.types import TestCase, succeeded

STAGE = "novel"
MIN_COVERAGE = 0.5
"""Least share of a program's lines that its tests must reach."""

_BATCH = 16


@dataclass(frozen=True)
class Reference:
    """The data set's programs, for comparison.

    Attributes:
        programs: Name -> program, of every split that is held against.
        behaviour: Name -> outputs on the common inputs, of those that compile.
    """

    programs: Mapping[str, str]
    behaviour: Mapping[str, Outputs]


def run_reference(programs: Mapping[str, str], seeds: Sequence[Seed], sandbox: Programs) -> dict[str, Outputs]:
    """Outputs of the data set's programs on the common inputs."""
    inputs = common_inputs(seeds)
    work = {name: (code, inputs) for name, code in programs.items()}
    return {
        name: outputs_of(executed)
        for name, executed in sandbox.execute_many(work, go_on=True)
        if executed.compile_error is None
    }


def novel(
    workspace: Workspace,
    seeds: Sequence[Seed],
    reference: Reference,
    sandbox: Programs,
    *,
    tests: int = MIN_TESTS,
    further_inputs: Callable[[str, str], Sequence[bytes]] = lambda _, __: (),
    advance: Callable[[int], None] = lambda _: None,
) -> None:
    """Decide on every sampled program that isn't decided on yet, in the order of their ids.

    Args:
        workspace: The run.
        seeds: The problems whose inputs the programs read.
        reference: The data set's programs.
        sandbox: What runs programs.
        tests: Fewest tests of a new program.
        further_inputs: Called with a program's id and code; gives inputs besides those by grammar.
        advance: Called with the number of programs decided on.

    Raises:
        SandboxError: The sandbox failed.
    """
    decided = workspace.read(STAGE)
    judge = _Judge(seeds, reference, sandbox, tests, further_inputs)
    sampled = {line["id"]: line for line in workspace.read("generate") if line["code"]}
    for line in decided:
        judge.remember(line, sampled.pop(line["id"])["code"])
    waiting = iter(sampled.values())
    advance(len(decided))
    while batch := list(islice(waiting, _BATCH)):
        for line in judge.decide(batch):
            workspace.add(STAGE, [line])
            advance(1)


def tests_of(line: Mapping[str, Any]) -> tuple[TestCase, ...]:
    """The tests that a decision's line keeps."""
    return tuple(
        TestCase(str(number), b64decode(given), b64decode(expected))
        for number, (given, expected) in enumerate(line["tests"])
    )


class _Judge:
    def __init__(
        self,
        seeds: Sequence[Seed],
        reference: Reference,
        sandbox: Programs,
        tests: int,
        further_inputs: Callable[[str, str], Sequence[bytes]],
    ) -> None:
        self._seeds = {seed.problem_id: seed for seed in seeds}
        self._inputs = common_inputs(seeds)
        self._where = {seed.problem_id: [self._inputs.index(data) for data in seed.inputs] for seed in seeds}
        self._reference, self._sandbox, self._tests, self._further = reference, sandbox, tests, further_inputs
        self._copies = NearIndex({name: normal_form(code) for name, code in reference.programs.items()})
        self._forms: dict[tuple[str, ...], str] = {}
        self._new: dict[str, tuple[str, Outputs]] = {}

    def remember(self, line: Mapping[str, Any], code: str) -> None:
        """Take over a decision of an earlier call."""
        self._forms.setdefault(normal_form(code), line["id"])
        if line["dropped"] is None:
            self._new[line["id"]] = (line["seed_problem"], tuple(line["outputs"]))

    def decide(self, batch: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
        """A line for each sampled program."""
        texts = {line["id"]: self._by_text(line["id"], line["code"]) for line in batch}
        work = {line["id"]: (line["code"], self._inputs) for line in batch if texts[line["id"]] is None}
        ran = dict(self._sandbox.execute_many(work, go_on=True))
        for line in batch:
            name, problem, code = line["id"], line["seed_problem"], line["code"]
            decision: dict[str, Any] = {"id": name, "seed_problem": problem, "dropped": None, "detail": ""}
            fault = texts[name] or self._by_running(problem, code, ran[name])
            outputs: Outputs = ()
            if fault is None:
                outputs = outputs_of(ran[name])
                fault = self._by_outputs(problem, outputs)
            if fault is None:
                fault, found = self._with_tests(name, problem, code)
                decision |= found
            if fault is not None:
                decision["dropped"], decision["detail"] = fault
            else:
                decision["outputs"] = outputs
                self._new[name] = (problem, outputs)
            yield decision

    def _by_text(self, name: str, code: str) -> tuple[str, str] | None:
        form = normal_form(code)
        known = self._forms.setdefault(form, name)
        if known != name:
            return "repeated", f"the same text as {known}"
        copy = self._copies.nearest(form)
        return None if copy is None else ("copied", f"from {copy[0]} (similarity {copy[1]:.2f})")

    def _by_running(self, problem: str, code: str, executed: Executed) -> tuple[str, str] | None:
        if executed.compile_error is not None:
            return "compile_error", brief(executed.compile_error)
        seed = self._seeds[problem]
        own = [executed.runs[index] for index in self._where[problem][: seed.own]]
        for number, run in enumerate(own):
            if not succeeded(run):
                return "fails", f"input {number}: {run.ending.value} {run.code}"
        if not any(run.stdout.strip() for run in own) or (len(own) > 1 and len({run.stdout for run in own}) == 1):
            return "ignores_input", "prints the same for every input"
        again = self._sandbox.execute(code, seed.inputs[: seed.own], go_on=True)
        if [run.stdout for run in again.runs] != [run.stdout for run in own]:
            return "unstable", "prints something else when it runs again"
        return None

    def _by_outputs(self, problem: str, outputs: Outputs) -> tuple[str, str] | None:
        for name, behaviour in self._reference.behaviour.items():
            if same_outputs(outputs, behaviour, self._where[problem]):
                return "known", f"prints what {name} prints"
        for name, (other, behaviour) in self._new.items():
            if same_outputs(outputs, behaviour, sorted({*self._where[problem], *self._where[other]})):
                return "duplicate", f"prints what {name} prints"
        return None

    def _with_tests(self, name: str, problem: str, code: str) -> tuple[tuple[str, str] | None, dict[str, Any]]:
        seed = self._seeds[problem]
        made = InputGrammar(seed.inputs[: seed.own]).make(2 * self._tests, int(name[1:]) + 1)
        chosen = choose_tests(code, [*seed.inputs, *made, *self._further(name, code)], self._sandbox, self._tests)
        if len(chosen.tests) < self._tests:
            return ("few_tests", f"{len(chosen.tests)} of {self._tests}"), {}
        if chosen.coverage < MIN_COVERAGE:
            return ("low_coverage", f"{chosen.coverage:.0%} of its lines"), {}
        tests = [[b64encode(part).decode() for part in (test.input, test.expected)] for test in chosen.tests]
        return None, {"coverage": round(chosen.coverage, 4), "tests": tests}
