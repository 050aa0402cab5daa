"""Do a split's programs pass their tests? What ``pie data check --run`` asks of the sandbox."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pie_tasks.dataset.rows import PieRow
from pie_tasks.dataset.splits import Split
from sandbox.checkers import CHECKERS
from sandbox.programs import Executed, Programs
from sandbox.types import TestCase, succeeded

CHECKER = "pie_compat"


def failing_programs(
    split: Split, rows: Sequence[PieRow], programs: Programs, advance: Callable[[int], None] = lambda _: None
) -> tuple[int, list[str]]:
    """Run the slow and the fast program of each row on its tests, each program once, natively.

    Args:
        split: Where the rows' tests are.
        rows: Rows of ``split``.
        programs: What runs them.
        advance: Called with the number of programs done.

    Returns:
        The number of programs run, and a line for each that doesn't pass.

    Raises:
        SandboxError: Tests are missing, or the sandbox failed.
    """
    sources: dict[str, str] = {}
    tests: dict[str, tuple[TestCase, ...]] = {}
    for row in rows:
        for program_id, code in ((row.src_id, row.src_code), (row.tgt_id, row.tgt_code)):
            name = f"problem {row.problem_id}, program {program_id}"
            sources[name], tests[name] = code, split.pair(row).tests
    work = {name: (code, [test.input for test in tests[name]]) for name, code in sources.items()}
    failures = []
    for name, executed in programs.execute_many(work):
        fault = _fault(executed, tests[name])
        if fault is not None:
            failures.append(f"{name}: {fault}")
        advance(1)
    return len(work), failures


def _fault(executed: Executed, tests: Sequence[TestCase]) -> str | None:
    if executed.compile_error is not None:
        return f"doesn't compile: {executed.compile_error.splitlines()[0]}"
    checker = CHECKERS.get(CHECKER)
    for test, run in zip(tests, executed.runs, strict=False):
        if not succeeded(run):
            return f"test {test.name}: {run.ending.value} {run.code} {run.message}".rstrip()
        if not checker.check(test.expected, run.stdout).accepted:
            return f"test {test.name}: wrong output"
    return None
