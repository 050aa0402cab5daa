"""Do a split's programs pass their tests? What ``pie data check --run`` asks of the sandbox."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import sandbox
from pie_tasks.dataset.rows import PieRow
from pie_tasks.dataset.splits import Split
from sandbox.environment import Environment


def failing_programs(
    split: Split, rows: Sequence[PieRow], environment: Environment, advance: Callable[[int], None] = lambda _: None
) -> tuple[int, list[str]]:
    """Run the slow and the fast program of each row on its tests, each program once.

    Args:
        split: Where the rows' tests are.
        rows: Rows of ``split``.
        environment: What runs them.
        advance: Called with the number of programs done.

    Returns:
        The number of programs run, and a line for each that doesn't pass.

    Raises:
        SandboxError: Tests are missing, or the sandbox failed.
    """
    programs: dict[tuple[str, str], tuple[str, str, tuple[sandbox.TestCase, ...]]] = {}
    for row in rows:
        tests = split.pair(row).tests
        for program_id, code in ((row.src_id, row.src_code), (row.tgt_id, row.tgt_code)):
            programs[row.problem_id, program_id] = (code, row.problem_id, tests)
    failures = []
    names = list(programs)
    for start in range(0, len(names), 64):
        some = names[start : start + 64]
        for (problem, program), verdict in zip(
            some, environment.submit_many(programs[name] for name in some), strict=True
        ):
            if not verdict.correct:
                failures.append(f"problem {problem}, program {program}: {verdict.status.value}, {verdict.message}")
        advance(len(some))
    return len(programs), failures
