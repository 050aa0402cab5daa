"""Scores as plain values for the frameworks' result files, and back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sandbox.types import Status, TestResult, Verdict
from scorers.types import CandidateScore, PairScore

Record = dict[str, Any]


def verdict_record(verdict: Verdict) -> Record:
    """What a reader of a result file wants to know of a verdict; test contents stay out.

    ``test_ticks`` holds one time a test that was run, in the data set's order, and ``test_faults`` what is not simply
    accepted with all lines right: test name -> [status, accuracy].
    """
    failing = next((test.name for test in verdict.tests if test.status is not Status.ACCEPTED), None)
    return {
        "verdict": verdict.status.value,
        "correct": verdict.correct,
        "ticks": verdict.ticks,
        "failing_test": failing,
        "message": verdict.message,
        "test_ticks": [test.ticks for test in verdict.tests],
        "test_faults": {
            test.name: [test.status.value, test.accuracy]
            for test in verdict.tests
            if test.status is not Status.ACCEPTED or test.accuracy != 1.0
        },
    }


def source_record(score: PairScore) -> Record:
    """The source program's verdict under each checker, and the names of the tests."""
    names = max(([test.name for test in verdict.tests] for verdict in _all_verdicts(score)), key=len, default=[])
    return {
        "tests": names,
        "binary_sha256": _binary(score.source),
        **{checker: verdict_record(verdict) for checker, verdict in score.source.items()},
    }


def candidate_record(candidate: CandidateScore) -> Record:
    """One candidate: its program, flags, and verdict and speedup under each checker."""
    return {
        "code": candidate.code,
        "flags": list(candidate.flags),
        "binary_sha256": _binary(candidate.verdicts),
        **{
            checker: {**verdict_record(verdict), "speedup": candidate.speedups[checker]}
            for checker, verdict in candidate.verdicts.items()
        },
    }


def pair_score(pair_id: str, problem_id: str, source: Record, candidates: Sequence[Record]) -> PairScore:
    """The score that the records of one pair describe. Only the instructions of single tests aren't in them."""
    names = source["tests"]
    checkers = [name for name, value in source.items() if isinstance(value, Mapping)]
    return PairScore(
        pair_id=pair_id,
        problem_id=problem_id,
        source={checker: _verdict(source[checker], names, source["binary_sha256"]) for checker in checkers},
        candidates=tuple(_candidate(record, checkers, names) for record in candidates),
    )


def _candidate(record: Record, checkers: Sequence[str], names: Sequence[str]) -> CandidateScore:
    return CandidateScore(
        code=record["code"],
        verdicts={checker: _verdict(record[checker], names, record["binary_sha256"]) for checker in checkers},
        speedups={checker: record[checker]["speedup"] for checker in checkers},
        flags=tuple(record["flags"]),
    )


def _verdict(record: Mapping[str, Any], names: Sequence[str], binary_sha256: str | None) -> Verdict:
    return Verdict(
        status=Status(record["verdict"]),
        correct=record["correct"],
        ticks=record["ticks"],
        tests=tuple(
            _test(name, ticks, record["test_faults"])
            for name, ticks in zip(names, record["test_ticks"], strict=False)  # fewer where a failure ended the work
        ),
        message=record["message"],
        binary_sha256=binary_sha256,
    )


def _test(name: str, ticks: int | None, faults: Mapping[str, Sequence[Any]]) -> TestResult:
    status, accuracy = faults.get(name, (Status.ACCEPTED.value, 1.0))
    return TestResult(name, Status(status), ticks, accuracy)


def _binary(verdicts: Mapping[str, Verdict]) -> str | None:
    return next((verdict.binary_sha256 for verdict in verdicts.values()), None)


def _all_verdicts(score: PairScore) -> Iterator[Verdict]:
    yield from score.source.values()
    for candidate in score.candidates:
        yield from candidate.verdicts.values()
