"""Measuring a bundle's candidates again, and what differs from the claim."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from scorers.evaluate import Evaluator
from scorers.records import Record, candidate_record, source_record
from scorers.submission.bundle import CHECKERS, Bundle, group
from scorers.types import Pair, PairScore

Chosen = Mapping[str, Sequence[int]]
"""Pair id -> numbers of the samples to measure again."""


@dataclass(frozen=True)
class Outcome:
    """What measuring again gave.

    Attributes:
        candidates: How many candidates were measured.
        same_clock: Whether this machine measures with the bundle's fingerprint, so that digits must be equal.
        clock: Where it doesn't: which parts of the fingerprint differ, one line each.
        faults: What differs from the claim although it must not.
        other_binaries: Programs that compile to another binary here; their times can't be checked.
        largest_change: Where the clock is another: the largest ratio between a speedup here and the claimed one.
    """

    candidates: int
    same_clock: bool
    clock: tuple[str, ...]
    faults: tuple[str, ...]
    other_binaries: int
    largest_change: float


def choose(bundle: Bundle, share: float, seed: int) -> Chosen:
    """A random sample of the candidates, at least one.

    Args:
        bundle: The bundle.
        share: 0 to 1; 1 takes all.
        seed: Of the draw. A submitter must not know it before.
    """
    lines = [(line["task_id"], line["sample"]) for line in bundle.verdicts]
    if share < 1:
        lines = sorted(random.Random(seed).sample(lines, max(1, round(share * len(lines)))))
    chosen: dict[str, list[int]] = {}
    for task_id, sample in lines:
        chosen.setdefault(task_id, []).append(sample)
    return chosen


def remeasure(bundle: Bundle, chosen: Chosen, pairs: Callable[[str], Pair], evaluator: Evaluator) -> Outcome:
    """Compile and time the chosen candidates and their slow programs again.

    Args:
        bundle: A bundle that agrees with itself.
        chosen: What to measure.
        pairs: From a pair's id to the pair with its tests.
        evaluator: The named engine and toolchain of this machine.

    Raises:
        SandboxError: Something could not be measured.
    """
    texts = group(bundle.generations, "solution")
    items = [(pairs(key), [texts[key][sample] for sample in samples]) for key, samples in chosen.items()]
    scores = evaluator.evaluate(items)
    clock = tuple(_clock(bundle.manifest["fingerprint"], evaluator.fingerprint))
    compare = _digits if not clock else _correctness
    sources = {line["task_id"]: line for line in bundle.sources}
    verdicts = group(bundle.verdicts)
    faults: list[str] = []
    other_binaries, largest = 0, 1.0
    for score in scores:
        claims = [verdicts[score.pair_id][sample] for sample in chosen[score.pair_id]]
        faults += compare(f"{score.pair_id}, source", sources[score.pair_id], _source(score, sources[score.pair_id]))
        for claim, candidate in zip(claims, score.candidates, strict=True):
            measured = candidate_record(candidate)
            other_binaries += measured["binary_sha256"] != claim["binary_sha256"]
            where = f"{score.pair_id}, sample {claim['sample']}"
            faults += compare(where, claim, measured)
            if not clock and (set(claim["flags"]) ^ set(measured["flags"])) - _BY_CHANCE:
                faults.append(f"{where}: flags are {measured['flags']} here, {claim['flags']} claimed")
            ratio = measured["pie_compat"]["speedup"] / claim["pie_compat"]["speedup"]
            largest = max(largest, ratio, 1 / ratio)
    return Outcome(sum(map(len, chosen.values())), not clock, clock, tuple(faults), other_binaries, largest)


def _source(score: PairScore, claim: Record) -> Record:
    """The source's record. Which tests it names doesn't depend on which candidates were measured."""
    return {**source_record(score), "tests": claim["tests"]}


def _clock(claimed: Mapping[str, str], here: Mapping[str, str]) -> Iterator[str]:
    if claimed["sha256"] == here["sha256"]:
        return
    for name in sorted({*claimed, *here} - {"sha256"}):
        if claimed.get(name) != here.get(name):
            yield f"{name}: {_short(claimed.get(name))} in the bundle, {_short(here.get(name))} here"


def _short(value: str | None) -> str:
    text = "nothing" if value is None else value
    return text if len(text) <= 120 else f"{text[:117]}..."


def _digits(where: str, claim: Record, measured: Record) -> Iterator[str]:
    """Every field that differs, for a machine with the same clock."""
    if claim["binary_sha256"] != measured["binary_sha256"]:
        yield f"{where}: the program compiles to another binary ({_hash(measured)} here, {_hash(claim)} claimed)"
    for checker in CHECKERS:
        for name, value in measured[checker].items():
            claimed = claim[checker][name]
            if claimed != value:
                yield f"{where}, {checker}: {name} is {_short(repr(value))} here, {_short(repr(claimed))} claimed"


def _correctness(where: str, claim: Record, measured: Record) -> Iterator[str]:
    """What another clock can still tell: whether the program is right. Where limits bite depends on the machine."""
    for checker in CHECKERS:
        here, claimed = measured[checker], claim[checker]
        if here["correct"] != claimed["correct"] and {here["verdict"], claimed["verdict"]} <= _MACHINE_FREE:
            yield f"{where}, {checker}: verdict is {here['verdict']} here, {claimed['verdict']} claimed"


_BY_CHANCE = {"output_differs", "unstable_output"}
"""Flags that a program may have in one run and not in the next."""

_MACHINE_FREE = {"accepted", "wrong_answer", "no_code"}


def _hash(record: Record) -> str:
    return (record["binary_sha256"] or "none")[:12]
