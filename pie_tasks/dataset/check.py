"""What ``pie data check`` says of a split: its size, and everything in it that would spoil a run."""

from __future__ import annotations

import statistics
from collections import Counter
from dataclasses import dataclass

from pie_tasks.dataset.splits import Split
from pie_tasks.dataset.tests import MERGED
from sandbox.types import SandboxError


@dataclass(frozen=True)
class SplitReport:
    """A split's sizes and faults.

    Attributes:
        name: The split.
        pairs: Number of rows.
        problems: Number of distinct problems.
        tests: Fewest and most tests of a problem; ``None`` where a pair has no readable tests.
        median_tests: Median number of tests of a problem; ``None`` there too.
        content_sha256: Of rows and tests; ``None`` where tests are missing.
        faults: One line each: missing tests, sizes unlike the published ones, pairs that teach nothing, problems that
            the training pairs share. Empty for a sound split.
    """

    name: str
    pairs: int
    problems: int
    tests: tuple[int, int] | None
    median_tests: float | None
    content_sha256: str | None
    faults: tuple[str, ...]


def report_split(split: Split, *, any_size: bool = False) -> SplitReport:
    """Look at every row and every test of ``split``. Nothing is executed.

    Args:
        split: What to look at.
        any_size: Whether sizes unlike the published ones are no fault: a part, or a copy of the layout only.
    """
    problems = {row.problem_id for row in split.rows}
    counts, faults = _tests(split)
    whole = not faults
    median = statistics.median(counts.values()) if whole else None
    return SplitReport(
        name=split.name,
        pairs=len(split.rows),
        problems=len(problems),
        tests=(min(counts.values()), max(counts.values())) if whole else None,
        median_tests=median,
        content_sha256=split.content_sha256 if whole else None,
        faults=(
            *([] if split.load_train is None else faults),  # training pairs may have no tests; self-play's have none
            *_rows(split),
            *([] if any_size else _sizes(split, len(problems), median)),
            *_leaks(split, problems),
        ),
    )


def check_split(split: Split) -> list[str]:
    """The faults of :func:`report_split` alone."""
    return list(report_split(split).faults)


def _tests(split: Split) -> tuple[dict[str, int], list[str]]:
    """Problem -> number of its tests; and what is missing."""
    counts: dict[str, int] = {}
    faults: dict[str, None] = {}  # an ordered set: rows of one problem have the same fault
    for row in split.rows:
        try:
            number = len(split.folder.require(row.problem_id, split.test_names(row)))
            counts[row.problem_id] = max(number, counts.get(row.problem_id, 0))
        except SandboxError as error:
            faults[str(error)] = None
    return counts, list(faults)


def _rows(split: Split) -> list[str]:
    repeated = [pair_id for pair_id, count in Counter(row.pair_id for row in split.rows).items() if count > 1]
    faults = [f"pair {pair_id} occurs more than once" for pair_id in repeated]
    faults += [f"pair {row.pair_id}: both programs are the same" for row in split.rows if row.src_code == row.tgt_code]
    return faults


def _sizes(split: Split, problems: int, median: float | None) -> list[str]:
    published = split.published
    if published is None:
        return []
    if (len(split.rows), problems) != (published.pairs, published.problems):
        return [
            f"split {split.name} has {len(split.rows)} pairs of {problems} problems;"
            f" {published.pairs} of {published.problems} were published"
        ]
    merged = split.tests is not None and split.tests.kind == MERGED
    if merged and None not in (median, published.median_tests) and median != published.median_tests:
        return [
            f"split {split.name} has {median:g} tests a problem (median); {published.median_tests:g} were published"
        ]
    return []


def _leaks(split: Split, problems: set[str]) -> list[str]:
    try:
        train = split.train
    except SandboxError as error:
        return [f"no training pairs for few_shot and retrieval: {error}"]
    if train is split:
        return []
    shared = sorted(problems & {row.problem_id for row in train.rows})
    return [f"problem {problem_id} is also in {train.name}" for problem_id in shared]
