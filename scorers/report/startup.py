"""Speedups without process start-up.

A program's start-up is measured by its twin: the same source with its ``main`` renamed and an empty one instead.
The twin links the same libraries and constructs the same globals, so it takes what the program takes before ``main``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sandbox.types import TestCase
from scorers.evaluate import Evaluator
from scorers.figures import HEADLINE
from scorers.types import CandidateScore, Pair, PairScore

_NOTHING = (TestCase("0", b"", b""),)

_CHECKER = "strict"
"""The published checker calls no output wrong where none is expected; this one calls it right."""


@dataclass(frozen=True)
class StartUp:
    """One pair's best candidate.

    Attributes:
        pair_id: The pair.
        source_share: Share of the slow program's time that is start-up.
        best_share: The same for the best candidate.
        with_startup: The speedup as it counts.
        without_startup: The speedup of what comes after start-up.
    """

    pair_id: str
    source_share: float
    best_share: float
    with_startup: float
    without_startup: float


def twin(code: str) -> str:
    """A program that starts like ``code`` and then does nothing."""
    return f"#define main pie_renamed_main\n{code}\n#undef main\nint main() {{ return 0; }}\n"


def measure_startup(scores: Sequence[PairScore], sources: Sequence[str], evaluator: Evaluator) -> list[StartUp]:
    """Start-up of each pair's slow program and best candidate.

    Args:
        scores: The run's pairs.
        sources: Their slow programs.
        evaluator: The clock that timed the run.

    Returns:
        One entry for each pair whose best candidate has a time, where both twins compile and run.

    Raises:
        SandboxError: Something could not be measured.
    """
    kept = [(score, source, best) for score, source in zip(scores, sources, strict=True) if (best := best_of(score))]
    pairs = [Pair(score.pair_id, score.problem_id, twin(source), _NOTHING) for score, source, _ in kept]
    twins = evaluator.evaluate(
        [(pair, [f"```cpp\n{twin(best.code or '')}```\n"]) for pair, (_, _, best) in zip(pairs, kept, strict=True)]
    )
    found = []
    for (score, _, best), measured in zip(kept, twins, strict=True):
        starts = measured.source[_CHECKER].ticks, measured.candidates[0].verdicts[_CHECKER].ticks
        entry = _entry(score, best, *starts)
        if entry:
            found.append(entry)
    return found


def best_of(score: PairScore) -> CandidateScore | None:
    """The first of the fastest correct candidates with a time."""
    timed = [candidate for candidate in score.candidates if candidate.verdicts[HEADLINE].ticks is not None]
    return max(timed, key=lambda candidate: candidate.speedups[HEADLINE], default=None)


def _entry(score: PairScore, best: CandidateScore, source_start: int | None, best_start: int | None) -> StartUp | None:
    source, fast = score.source[HEADLINE], best.verdicts[HEADLINE]
    if None in (source_start, best_start, source.ticks, fast.ticks):
        return None
    assert source_start is not None and best_start is not None and source.ticks is not None and fast.ticks is not None
    started, best_started = source_start * len(source.tests), best_start * len(fast.tests)
    rest, best_rest = source.ticks - started, fast.ticks - best_started
    if rest <= 0 or best_rest <= 0:
        return None
    return StartUp(
        score.pair_id, started / source.ticks, best_started / fast.ticks, source.ticks / fast.ticks, rest / best_rest
    )
