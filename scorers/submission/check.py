"""Whether a bundle's content agrees with itself and with its split; nothing is compiled or run here."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby, islice

from sandbox.store.sqlite import describe
from sandbox.types import Status, Verdict, sha256
from scorers.evaluate import speedup
from scorers.extract import extract_code
from scorers.figures import HEADLINE
from scorers.records import Record
from scorers.submission.aggregates import aggregate, plain_figures
from scorers.submission.bundle import CHECKERS, Bundle, SplitFacts, group, tests_sha256

SHOWN = 20
"""So many faults of one kind are told one by one."""

_UNTIMED = (Status.TIME_LIMIT.value, Status.ENGINE_DIVERGENCE.value)
"""What may befall a program under the engine that is right natively."""
TOLERANCE = 1e-9
"""Relative difference allowed in an interval's ends, whose last digits depend on the processor. Values are equal to the
last digit."""


def check_bundle(bundle: Bundle, split: SplitFacts | None = None) -> list[str]:
    """What is wrong with a bundle, one line each.

    Args:
        bundle: The bundle.
        split: Its split, where that is here. Without it only the bundle's agreement with itself is checked.

    Returns:
        Faults in the order of their weight; empty for a sound bundle.
    """
    faults = [*_fingerprint(bundle), *_split(bundle, split), *_ids(bundle, split)]
    if faults:  # lines can't be laid beside each other before these are right
        return faults
    faults += [*_ties(bundle, split), *_judgements(bundle), *_speedups(bundle)]
    return faults or list(_figures(bundle))


def _fingerprint(bundle: Bundle) -> Iterator[str]:
    fingerprint = dict(bundle.manifest["fingerprint"])
    claimed = fingerprint.pop("sha256")
    if hashlib.sha256(describe(fingerprint).encode()).hexdigest() != claimed:
        yield "engine fingerprint: its sha256 isn't that of its parts"
    engine = fingerprint.get("engine", "")
    if not engine.startswith(bundle.manifest["engine"]):
        yield f"engine: the manifest says {bundle.manifest['engine']!r}, the fingerprint {engine!r}"
    if (bundle.manifest["isolation"] == "none") != (fingerprint.get("isolation") == "none"):
        claim, said = bundle.manifest["isolation"], fingerprint.get("isolation", "contained")
        yield f"isolation: the manifest says {claim!r}, the fingerprint {said!r}"


def _split(bundle: Bundle, split: SplitFacts | None) -> Iterator[str]:
    claim = bundle.manifest["split"]
    if claim["pairs"] != len(bundle.sources):
        yield f"pairs: the manifest says {claim['pairs']}, sources.jsonl has {len(bundle.sources)}"
    if split is None:
        return
    if claim["name"] != split.name:
        yield f"split: the bundle is for {claim['name']}, not {split.name}"
    if claim["sha256"] != split.sha256:
        hashes = f"{claim['sha256'][:12]} isn't {split.sha256[:12]}"
        yield f"split {split.name}: the bundle's content hash {hashes}, which is here"
    pairs, all_pairs = len(bundle.sources), len(split.problems)
    if claim["whole"] != (pairs == all_pairs):
        yield f"pairs: {pairs} of the split's {all_pairs}, the manifest says whole: {claim['whole']}"


def _ids(bundle: Bundle, split: SplitFacts | None) -> Iterator[str]:
    pairs = [source["task_id"] for source in bundle.sources]
    yield from _some(f"duplicate id: {name} stands {n} times in sources.jsonl" for name, n in _repeated(pairs))
    k = bundle.manifest["k"]
    for name, lines in (("generations.jsonl", bundle.generations), ("verdicts.jsonl", bundle.verdicts)):
        runs = [(key, len(list(lines))) for key, lines in groupby(line["task_id"] for line in lines)]
        counts = Counter(dict.fromkeys(pairs, 0))
        for key, number in runs:
            counts[key] += number
        strangers = [key for key in counts if key not in set(pairs)]
        yield from _some(f"{name}: id {key} is not in sources.jsonl" for key in strangers)
        yield from _some(
            f"{name}: {number} candidates of {key} instead of {k} ({'missing' if number < k else 'duplicate'})"
            for key, number in counts.items()
            if key not in strangers and number != k
        )
        if [key for key, _ in runs] != pairs and not strangers and set(counts.values()) == {k}:
            yield f"{name}: pairs are not in the order of sources.jsonl"
    for key, lines in group(bundle.verdicts).items():
        if [line["sample"] for line in lines] != list(range(len(lines))):
            numbers = f"0 to {len(lines) - 1} in order"
            yield f"verdicts.jsonl: samples of {key} are not numbered {numbers} (duplicate or swapped)"
    if split is not None:
        yield from _some(f"id {key} is not in split {split.name}" for key in pairs if key not in split.problems)
        if [key for key in split.problems if key in set(pairs)] != pairs:
            yield f"sources.jsonl: pairs are not in the order of split {split.name}"


def _ties(bundle: Bundle, split: SplitFacts | None) -> Iterator[str]:
    """Each verdict belongs to its generation, and each program to its text."""
    for generation, verdict in zip(bundle.generations, bundle.verdicts, strict=True):
        key = f"{verdict['task_id']}, sample {verdict['sample']}"
        text = generation["solution"]
        if sha256(text.encode("utf-8", "surrogatepass")) != verdict["solution_sha256"]:
            yield f"{key}: the generation isn't the one that was scored (swapped or edited)"
        elif split is not None:
            code = extract_code(text, split.sources[verdict["task_id"]])
            found = None if code is None else sha256(code.encode("utf-8", "surrogatepass"))
            if found != verdict["code_sha256"]:
                yield f"{key}: the program found in the generation isn't the one that was scored"
    for source in bundle.sources if split else ():
        if split and sha256(split.sources[source["task_id"]].encode()) != source["code_sha256"]:
            yield f"{source['task_id']}: the slow program isn't the split's"
        if split and split.problems[source["task_id"]] != source["problem_id"]:
            yield f"{source['task_id']}: problem {source['problem_id']} instead of {split.problems[source['task_id']]}"


def _judgements(bundle: Bundle) -> Iterator[str]:
    """Each verdict follows from its own tests."""
    names = {source["task_id"]: source["tests"] for source in bundle.sources}
    for line in [*bundle.sources, *bundle.verdicts]:
        key = line["task_id"] + (f", sample {line['sample']}" if "sample" in line else ", source")
        for checker in CHECKERS:
            wrong = _judgement_fault(line[checker], names[line["task_id"]])
            if wrong:
                yield f"{key}, {checker}: {wrong}"
        if "sample" in line and line["tests_sha256"] != tests_sha256(line):
            yield f"{key}: tests_sha256 isn't that of its tests"
        if "sample" in line and (line["code_sha256"] is None) != (line[HEADLINE]["verdict"] == Status.NO_CODE.value):
            yield f"{key}: verdict no_code and a program contradict each other"


def _judgement_fault(record: Record, names: Sequence[str]) -> str | None:
    return next(_judgement_faults(record, names), None)


def _judgement_faults(record: Record, names: Sequence[str]) -> Iterator[str]:
    ticks, faults, verdict = record["test_ticks"], record["test_faults"], record["verdict"]
    run = names[: len(ticks)]
    failing = next((name for name in run if faults.get(name, ["accepted"])[0] != Status.ACCEPTED.value), None)
    if len(ticks) > len(names) or any(name not in run for name in faults):
        yield "tests that the split doesn't have"
    if failing != record["failing_test"]:
        yield f"failing_test is {record['failing_test']}, its tests say {failing}"
    if failing is not None and faults[failing][0] != verdict:
        yield f"verdict {verdict}, its tests say {faults[failing][0]}"
    passed = failing is None and len(ticks) == len(names) > 0
    if (verdict == Status.ACCEPTED.value) != passed:
        yield f"verdict {verdict} with {len(ticks)} of {len(names)} tests run and test {failing} failing"
    if verdict == Status.ACCEPTED.value and not (record["correct"] and record["ticks"] is not None):
        yield "accepted, but not correct or without a time"
    right = all(_is_right(faults.get(name)) for name in run) and len(ticks) == len(names) > 0
    if record["correct"] != right:
        yield f"{'correct' if record['correct'] else 'not correct'}, its tests say otherwise"
    timed = record["correct"] and None not in ticks and len(ticks) == len(names)
    if record["ticks"] is not None and not (timed and record["ticks"] == sum(ticks)):
        yield f"ticks is {record['ticks']}, which isn't the sum of its tests' times"


def _is_right(fault: Sequence[object] | None) -> bool:
    """Whether the program was right on a test, from what is unusual about it; that it has no time doesn't count."""
    if fault is None:
        return True
    status, accuracy = fault
    return status == Status.ACCEPTED.value or (status in _UNTIMED and accuracy == 1.0)


def _speedups(bundle: Bundle) -> Iterator[str]:
    sources = {source["task_id"]: source for source in bundle.sources}
    for line in bundle.verdicts:
        for checker in CHECKERS:
            expected = speedup(_times(sources[line["task_id"]][checker]), _times(line[checker]))
            if line[checker]["speedup"] != expected:
                claimed = line[checker]["speedup"]
                yield (
                    f"{line['task_id']}, sample {line['sample']}, {checker}: "
                    f"speedup is {claimed!r}, its times give {expected!r}"
                )


def _times(record: Mapping[str, object]) -> Verdict:
    ticks = record["ticks"]
    return Verdict(Status(record["verdict"]), bool(record["correct"]), ticks if isinstance(ticks, int) else None)


def _figures(bundle: Bundle) -> Iterator[str]:
    """The aggregates, computed again from the verdict lines."""
    run = bundle.run()
    expected = plain_figures(aggregate(run.scores, run.responses))
    for name in [*expected, *(name for name in bundle.figures if name not in expected)]:
        if name not in expected or name not in bundle.figures:
            yield f"figures.json: {name} is {'not a figure of this run' if name in bundle.figures else 'missing'}"
            continue
        for part, value in expected[name].items():
            claimed = bundle.figures[name][part]
            if not (claimed == value if part == "value" else _close(claimed, value)):
                yield f"figures.json: {part} of {name} is {claimed!r}, the verdict lines give {value!r}"


def _close(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return abs(one - other) <= TOLERANCE * max(1.0, abs(other))


def _repeated(names: Sequence[str]) -> list[tuple[str, int]]:
    return [(name, number) for name, number in Counter(names).items() if number > 1]


def _some(lines: Iterator[str]) -> Iterator[str]:
    yield from islice(lines, SHOWN)
