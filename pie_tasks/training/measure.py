"""Times of training pairs by any engine, from which tags follow: the paper's recorded times are of one clock only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from pie_tasks.dataset import PieRow, Split
from pie_tasks.dataset.tags import TagScale, best_times, tag_rows
from sandbox.environment import Environment
from sandbox.types import TestCase


def measured_rows(
    split: Split,
    rows: Sequence[PieRow],
    environment: Environment,
    scale: TagScale | None,
    advance: Callable[[int], None] = lambda _: None,
) -> tuple[list[PieRow], list[str]]:
    """The rows with times and tags of the environment's engine in place of the recorded ones.

    The best time of a problem is that of the fastest of its programs among ``rows``.

    Args:
        split: Where the rows' tests are.
        rows: Rows of ``split``.
        environment: What measures; each program is measured once.
        scale: Where to cut; ``None`` means the deciles of these rows.
        advance: Called with the number of programs done.

    Returns:
        The rows whose programs have times, and a line for each program that has none.

    Raises:
        SandboxError: Tests are missing, or the sandbox failed.
    """
    programs: dict[tuple[str, str], tuple[str, str, Sequence[TestCase]]] = {}
    for row in rows:
        tests = split.pair(row).tests
        programs[row.problem_id, row.src_code] = (row.src_code, row.problem_id, tests)
        programs[row.problem_id, row.tgt_code] = (row.tgt_code, row.problem_id, tests)
    seconds: dict[tuple[str, str], float] = {}
    failures: dict[tuple[str, str], str] = {}
    names = list(programs)
    for start in range(0, len(names), 64):
        some = names[start : start + 64]
        for name, verdict in zip(some, environment.submit_many(programs[name] for name in some), strict=True):
            if verdict.correct and verdict.ticks is not None:
                seconds[name] = verdict.seconds
            else:
                failures[name] = f"{verdict.status.value} {verdict.message}".rstrip()
        advance(len(some))
    timed, faults = [], []
    for row in rows:
        keys = [(row.problem_id, row.src_code), (row.problem_id, row.tgt_code)]
        lost = [failures[key] for key in keys if key in failures]
        if lost:
            faults.append(f"pair {row.pair_id}: {lost[0]}")
            continue
        slow, fast = (seconds[key] for key in keys)
        timed.append(
            replace(row, src_agg_runtime=slow, tgt_agg_runtime=fast, fastest_agg_runtime=None, speedup=slow / fast)
        )
    best = best_times(timed)
    timed = [replace(row, fastest_agg_runtime=best[row.problem_id]) for row in timed]
    return (tag_rows(timed, scale) if timed else []), faults
