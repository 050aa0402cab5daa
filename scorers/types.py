"""Frozen values between the frameworks and the scorer: pairs and responses go in, scores come out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.types import TestCase, Verdict


@dataclass(frozen=True)
class Pair:
    """What scoring needs of a data set row.

    Attributes:
        pair_id: Unique within its split.
        problem_id: The problem, shared by many pairs; the cluster of the bootstrap.
        src_code: The slow program that the model was shown.
        tests: The tests that decide correctness and time.
        best_human_speedup: Recorded time of the slow program / least recorded time of a human program of the problem, where
            the data set has these times.
    """

    pair_id: str
    problem_id: str
    src_code: str
    tests: tuple[TestCase, ...]
    best_human_speedup: float | None = None


@dataclass(frozen=True)
class CandidateScore:
    """One candidate of a pair.

    Attributes:
        code: The extracted program, or ``None``.
        verdicts: Checker name -> verdict.
        speedups: Checker name -> source time / candidate time; 1.0 where the candidate is wrong or has an infinite time.
            May lie below 1; aggregates never do.
        flags: Names of the suspicions raised about this candidate (:mod:`scorers.flags`). No figure but those that count
            flags depends on them.
    """

    code: str | None
    verdicts: Mapping[str, Verdict]
    speedups: Mapping[str, float]
    flags: tuple[str, ...] = ()


@dataclass(frozen=True)
class PairScore:
    """A pair with its source's verdicts (checker name -> verdict) and its candidates, in the order they were sampled."""

    pair_id: str
    problem_id: str
    source: Mapping[str, Verdict]
    candidates: tuple[CandidateScore, ...]
