"""Two runs on the same pairs: what differs, and whether that is more than noise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, inf
from statistics import NormalDist

from sandbox.types import SandboxError
from scorers.figures import HEADLINE
from scorers.metrics import best_speedup, cluster_bootstrap, figure_name, pair_metrics
from scorers.metrics.bootstrap import Estimate
from scorers.metrics.names import CORRECT, OPTIMIZED, SPEEDUP
from scorers.submission.run import Run
from scorers.types import PairScore

TIE = 1.01
"""Best speedups of a pair that are closer than this factor count as equal."""

POWER = 0.8
"""Chance of seeing a difference as large as the one observed, with as many pairs as ``Difference.pairs_needed``."""

_FIGURES = {OPTIMIZED: ("optimized", 100.0), SPEEDUP: ("speedup", 1.0), CORRECT: ("correct", 100.0)}


@dataclass(frozen=True)
class Difference:
    """One figure of two runs.

    Attributes:
        name: The figure.
        first: Its value in the first run.
        second: Its value in the second run.
        change: Second minus first, with its interval over problems.
        pairs_needed: Pairs (of as many problems, in proportion) that would show a difference of this size in four of
            five experiments; ``None`` where the runs don't differ or there is one problem only.
    """

    name: str
    first: float
    second: float
    change: Estimate
    pairs_needed: int | None

    @property
    def separated(self) -> bool:
        """Whether the interval leaves zero out."""
        return self.change.low > 0 or self.change.high < 0


@dataclass(frozen=True)
class Comparison:
    """A run against the first one.

    Attributes:
        first: The first run's name.
        second: The other run's name.
        k: Samples of each pair that count.
        pairs: Number of pairs.
        problems: Number of problems.
        differences: The headline figures.
        wins: Pairs on which the second run's best candidate is faster.
        ties: Pairs on which neither is.
        losses: Pairs on which the first run's is.
    """

    first: str
    second: str
    k: int
    pairs: int
    problems: int
    differences: tuple[Difference, ...]
    wins: int
    ties: int
    losses: int


def compare_runs(runs: Mapping[str, Run], k: int | None = None) -> list[Comparison]:
    """Compare each run with the first, pair by pair.

    Args:
        runs: Name -> run, at least two.
        k: Samples that count; all where omitted, which must then be equally many.

    Raises:
        SandboxError: The runs can't be compared; one line says why.
    """
    (name, first), *others = runs.items()
    if not others:
        raise SandboxError("a comparison needs at least two runs")
    for other_name, other in others:
        require_comparable(name, first, other_name, other, k)
    samples = first.about.k if k is None else k
    return [_compare(name, first.scores, other_name, other.scores, samples) for other_name, other in others]


def require_comparable(name: str, first: Run, other_name: str, other: Run, k: int | None = None) -> None:
    """Refuse runs whose difference would mean nothing.

    Raises:
        SandboxError: They differ in split, clock, tests, pairs or k.
    """

    def refuse(what: str) -> SandboxError:
        return SandboxError(f"{name} and {other_name} can't be compared: {what}")

    one, two = first.about, other.about
    if (one.split, one.split_sha256) != (two.split, two.split_sha256):
        raise refuse(f"splits are {one.split} ({one.split_sha256[:12]}) and {two.split} ({two.split_sha256[:12]})")
    if one.fingerprint["sha256"] != two.fingerprint["sha256"]:
        differing = sorted(
            part
            for part in {*one.fingerprint, *two.fingerprint} - {"sha256"}
            if one.fingerprint.get(part) != two.fingerprint.get(part)
        )
        clocks = f"{one.clock} and {two.clock}"
        raise refuse(f"they were timed by different engines, {clocks} (unequal: {', '.join(differing)})")
    missing = {score.pair_id for score in first.scores} ^ {score.pair_id for score in other.scores}
    if missing:
        raise refuse(f"{len(missing)} pairs are in one of them only, the first is {min(missing)}")
    for mine, theirs in zip(first.scores, other.scores, strict=True):
        if _clocked(mine) != _clocked(theirs):
            raise refuse(f"the slow program of {mine.pair_id} was tested or timed otherwise; were the tests the same?")
    if k is None and one.k != two.k:
        raise refuse(f"k is {one.k} and {two.k}; --k {min(one.k, two.k)} takes the first samples of each")
    if k is not None and not 1 <= k <= min(one.k, two.k):
        raise refuse(f"k = {k} is asked for, they have {one.k} and {two.k} samples a pair")


def _clocked(score: PairScore) -> list[tuple[str, int | None]]:
    return [(test.name, test.ticks) for test in score.source[HEADLINE].tests]


def _compare(name: str, first: Sequence[PairScore], other_name: str, other: Sequence[PairScore], k: int) -> Comparison:
    clusters = [score.problem_id for score in first]
    one, two = ([pair_metrics(score, k, HEADLINE) for score in scores] for scores in (first, other))
    differences = tuple(
        _difference(figure_name(base, k), [unit * row[key] for row in one], [unit * row[key] for row in two], clusters)
        for base, (key, unit) in _FIGURES.items()
    )
    ratios = [best_speedup(b, k, HEADLINE) / best_speedup(a, k, HEADLINE) for a, b in zip(first, other, strict=True)]
    wins, losses = sum(ratio > TIE for ratio in ratios), sum(ratio < 1 / TIE for ratio in ratios)
    ties = len(ratios) - wins - losses
    return Comparison(name, other_name, k, len(first), len(set(clusters)), differences, wins, ties, losses)


def _difference(name: str, first: Sequence[float], second: Sequence[float], clusters: Sequence[str]) -> Difference:
    change = cluster_bootstrap([b - a for a, b in zip(first, second, strict=True)], clusters)
    pairs = len(clusters)
    return Difference(name, sum(first) / pairs, sum(second) / pairs, change, _pairs_needed(change, pairs))


def _pairs_needed(change: Estimate, pairs: int) -> int | None:
    """Sample size of a two-sided test at 5 % with power 0.8 (Cohen, *Statistical Power Analysis*, 1988, chapter 2).

    The error falls with the square root of the number of problems.
    """
    if change.value == 0 or not 0 < change.stderr < inf:
        return None
    normal = NormalDist()
    reach = normal.inv_cdf(0.975) + normal.inv_cdf(POWER)
    return max(2, ceil(pairs * (reach * change.stderr / change.value) ** 2))
