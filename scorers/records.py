"""Scores as plain values for the frameworks' result files, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.types import Status, Verdict
from scorers.types import CandidateScore, PairScore

Record = dict[str, Any]


def verdict_record(verdict: Verdict) -> Record:
    """What a reader of a result file wants to know of a verdict; test contents stay out."""
    failing = next((test.name for test in verdict.tests if test.status is not Status.ACCEPTED), None)
    return {
        "verdict": verdict.status.value,
        "correct": verdict.correct,
        "ticks": verdict.ticks,
        "failing_test": failing,
        "message": verdict.message,
    }


def source_record(score: PairScore) -> Record:
    """The source program's verdict under each checker."""
    return {checker: verdict_record(verdict) for checker, verdict in score.source.items()}


def candidate_record(candidate: CandidateScore) -> Record:
    """One candidate: its program, flags, and verdict and speedup under each checker."""
    return {
        "code": candidate.code,
        "flags": list(candidate.flags),
        "binary_sha256": next((v.binary_sha256 for v in candidate.verdicts.values()), None),
        **{
            checker: {**verdict_record(verdict), "speedup": candidate.speedups[checker]}
            for checker, verdict in candidate.verdicts.items()
        },
    }


def pair_score(pair_id: str, problem_id: str, source: Record, candidates: Sequence[Record]) -> PairScore:
    """The score that the records of one pair describe; per-test results aren't in them and stay empty."""
    return PairScore(
        pair_id=pair_id,
        problem_id=problem_id,
        source={checker: _verdict(record) for checker, record in source.items()},
        candidates=tuple(_candidate(record, list(source)) for record in candidates),
    )


def _candidate(record: Record, checkers: Sequence[str]) -> CandidateScore:
    return CandidateScore(
        code=record["code"],
        verdicts={checker: _verdict(record[checker], record["binary_sha256"]) for checker in checkers},
        speedups={checker: record[checker]["speedup"] for checker in checkers},
        flags=tuple(record["flags"]),
    )


def _verdict(record: Mapping[str, Any], binary_sha256: str | None = None) -> Verdict:
    return Verdict(
        status=Status(record["verdict"]),
        correct=record["correct"],
        ticks=record["ticks"],
        message=record["message"],
        binary_sha256=binary_sha256,
    )
