"""What ``pie data check`` says of a split: its size, and everything in it that would spoil a run."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from pie_tasks.dataset.splits import Split
from sandbox.types import SandboxError


@dataclass(frozen=True)
class SplitReport:
    """A split's sizes and faults.

    Attributes:
        name: The split.
        pairs: Number of rows.
        problems: Number of distinct problems.
        tests: Fewest and most tests of a pair; ``None`` where a pair has no readable tests.
        content_sha256: Of rows and tests; ``None`` where tests are missing.
        faults: One line each: missing tests, sizes unlike the published ones, pairs that teach nothing, problems that
            the training pairs share. Empty for a sound split.
    """

    name: str
    pairs: int
    problems: int
    tests: tuple[int, int] | None
    content_sha256: str | None
    faults: tuple[str, ...]


def report_split(split: Split) -> SplitReport:
    """Look at every row and every test of ``split``. Nothing is executed."""
    problems = {row.problem_id for row in split.rows}
    counts, faults = _tests(split)
    whole = not faults
    return SplitReport(
        name=split.name,
        pairs=len(split.rows),
        problems=len(problems),
        tests=(min(counts), max(counts)) if whole else None,
        content_sha256=split.content_sha256 if whole else None,
        faults=(*faults, *_rows(split), *_sizes(split, len(problems)), *_leaks(split, problems)),
    )


def check_split(split: Split) -> list[str]:
    """The faults of :func:`report_split` alone."""
    return list(report_split(split).faults)


def _tests(split: Split) -> tuple[list[int], list[str]]:
    counts: list[int] = []
    faults: dict[str, None] = {}  # an ordered set: rows of one problem have the same fault
    for row in split.rows:
        try:
            counts.append(len(split.folder.require(row.problem_id, split.test_names(row))))
        except SandboxError as error:
            faults[str(error)] = None
    return counts, list(faults)


def _rows(split: Split) -> list[str]:
    repeated = [pair_id for pair_id, count in Counter(row.pair_id for row in split.rows).items() if count > 1]
    faults = [f"pair {pair_id} occurs more than once" for pair_id in repeated]
    faults += [f"pair {row.pair_id}: both programs are the same" for row in split.rows if row.src_code == row.tgt_code]
    return faults


def _sizes(split: Split, problems: int) -> list[str]:
    if split.published is None or (len(split.rows), problems) == (split.published.pairs, split.published.problems):
        return []
    return [
        f"split {split.name} has {len(split.rows)} pairs of {problems} problems;"
        f" {split.published.pairs} of {split.published.problems} were published"
    ]


def _leaks(split: Split, problems: set[str]) -> list[str]:
    try:
        train = split.train
    except SandboxError as error:
        return [f"no training pairs for few_shot and retrieval: {error}"]
    if train is split:
        return []
    shared = sorted(problems & {row.problem_id for row in train.rows})
    return [f"problem {problem_id} is also in {train.name}" for problem_id in shared]
