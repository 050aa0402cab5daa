"""Which inputs become tests of a program: those it can run in time, first those that reach lines no other reaches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sandbox.coverage import line_coverage
from sandbox.programs import Programs
from sandbox.types import TestCase, succeeded

MIN_TESTS = 20
"""Fewest tests of a self-play pair."""


@dataclass(frozen=True)
class ChosenTests:
    """Tests of one program.

    Attributes:
        tests: Inputs with what the program prints.
        coverage: Share of the program's lines that they reach together, 0 to 1.
        failed: Inputs that it can't run: a crash, another status than 0, a limit.
    """

    tests: tuple[TestCase, ...]
    coverage: float
    failed: int


def choose_tests(code: str, inputs: Sequence[bytes], programs: Programs, count: int = MIN_TESTS) -> ChosenTests:
    """Up to ``count`` tests of ``code``, or more where each further one reaches a line of its own.

    Raises:
        SandboxError: The sandbox failed.
    """
    different = list(dict.fromkeys(inputs))
    executed = programs.execute(code, different, go_on=True)
    runs = [(data, run) for data, run in zip(different, executed.runs, strict=False) if succeeded(run)]
    coverage = line_coverage(code, [data for data, _ in runs], programs.root, programs.contain, programs.limits)
    chosen = range(min(count, len(runs))) if coverage is None else _greedy(coverage.reached, count)
    tests = tuple(TestCase(str(name), runs[i][0], runs[i][1].stdout) for name, i in enumerate(chosen))
    share = 0.0 if coverage is None else coverage.share(chosen)
    return ChosenTests(tests, share, len(different) - len(runs))


def _greedy(reached: Sequence[frozenset[int]], count: int) -> list[int]:
    """Indices: each time the one that adds most lines, while any does; then the others in their order."""
    chosen: list[int] = []
    seen: frozenset[int] = frozenset()
    rest = list(range(len(reached)))
    while rest:
        best = max(rest, key=lambda index: (len(reached[index] - seen), -index))
        if not reached[best] - seen:
            break
        chosen.append(best)
        seen |= reached[best]
        rest.remove(best)
    return sorted([*chosen, *rest[: max(0, count - len(chosen))]])
