"""A submission bundle: a run in five files that anyone can check."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.types import sha256
from scorers.extract import extract_code
from scorers.figures import HEADLINE
from scorers.records import Record, candidate_record, pair_score, source_record
from scorers.submission.aggregates import aggregate, plain_figures
from scorers.submission.archive import BundleError, read_archive, write_archive
from scorers.submission.run import About, Run
from scorers.submission.schema import SCHEMA, fault

CHECKERS = ("pie_compat", "strict")

_ABOUT = (
    *("model", "model_args", "sampling", "strategy", "k", "engine", "toolchain", "isolation", "task", "source"),
    *("packages", "date", "contact", "training_data", "notes"),
)
"""The fields of a run's description that stand in a manifest under their own names."""


@dataclass(frozen=True)
class SplitFacts:
    """What checking a bundle needs of its split.

    Attributes:
        name: The split's name.
        sha256: Its content's hash.
        problems: Pair id -> problem id, in the split's order.
        sources: Pair id -> the slow program.
    """

    name: str
    sha256: str
    problems: Mapping[str, str]
    sources: Mapping[str, str]


@dataclass(frozen=True)
class Bundle:
    """A bundle whose form is right; whether its content is, :mod:`scorers.submission.check` says.

    Attributes:
        path: Its file.
        sha256: Of the manifest, which holds the hashes of all else: the bundle's name, however it is compressed.
        manifest: The manifest.
        generations: Lines of ``generations.jsonl``.
        sources: Lines of ``sources.jsonl``.
        verdicts: Lines of ``verdicts.jsonl``.
        figures: ``figures.json``.
    """

    path: Path
    sha256: str
    manifest: Record
    generations: Sequence[Record]
    sources: Sequence[Record]
    verdicts: Sequence[Record]
    figures: Mapping[str, Mapping[str, float | None]]

    @property
    def about(self) -> About:
        split, kept = self.manifest["split"], {name: self.manifest[name] for name in _ABOUT}
        return About(
            split=split["name"], split_sha256=split["sha256"], fingerprint=self.manifest["fingerprint"], **kept
        )

    def run(self, sources: Mapping[str, str] | None = None) -> Run:
        """The run that the bundle claims.

        Args:
            sources: Pair id -> the slow program, which extraction needs to tell an answer from an echo. Without it a
                candidate's program may be unknown.
        """
        samples = group(self.generations, "solution")
        verdicts = group(self.verdicts)
        scores = [
            pair_score(
                source["task_id"],
                source["problem_id"],
                source,
                [
                    _candidate(line, text, (sources or {}).get(source["task_id"]))
                    for line, text in zip(verdicts[source["task_id"]], samples[source["task_id"]], strict=True)
                ],
            )
            for source in self.sources
        ]
        return Run(self.about, tuple(scores), tuple(tuple(samples[score.pair_id]) for score in scores))


def group(lines: Sequence[Record], column: str | None = None) -> dict[str, list[Any]]:
    """Lines (or one column of them) by their task id, in their order."""
    groups: dict[str, list[Any]] = {}
    for line in lines:
        groups.setdefault(line["task_id"], []).append(line[column] if column else line)
    return groups


def bundle_members(run: Run, split: SplitFacts) -> dict[str, bytes]:
    """The files of a run's bundle. Equal runs give equal bytes.

    Raises:
        BundleError: The run lacks something that a bundle needs, or timed only some of each problem's tests.
    """
    if run.about.timing_tests is not None:
        raise BundleError(
            f"the run timed only {run.about.timing_tests} of each problem's tests, which is another quantity, and can't be "
            "submitted; score the same generations with all of them timed (without --timing-tests)"
        )
    files = {
        "generations.jsonl": _lines(_generations(run)),
        "sources.jsonl": _lines(_sources(run, split)),
        "verdicts.jsonl": _lines(_verdicts(run)),
        "figures.json": _canonical(plain_figures(aggregate(run.scores, run.responses))),
    }
    manifest = {
        "schema": SCHEMA,
        **{name: getattr(run.about, name) for name in _ABOUT},
        "split": {
            "name": run.about.split,
            "sha256": run.about.split_sha256,
            "pairs": len(run.scores),
            "whole": len(run.scores) == len(split.problems),
        },
        "fingerprint": dict(run.about.fingerprint),
        "checker": HEADLINE,
        "files": {name: {"sha256": sha256(content), "bytes": len(content)} for name, content in files.items()},
    }
    wrong = fault("manifest", json.loads(_canonical(manifest)))
    if wrong:
        raise BundleError(f"the run can't be packed: its manifest would be wrong at {wrong}")
    return {"manifest.json": _canonical(manifest), **files}


def write_bundle(run: Run, split: SplitFacts, path: Path) -> None:
    """Pack a run.

    Raises:
        SandboxError: The run lacks something that a manifest needs, or the file can't be written.
    """
    write_archive(path, bundle_members(run, split))


def open_bundle(path: Path) -> Bundle:
    """Read a bundle and check its form: the archive, every file's hash, every line against the schema.

    Raises:
        BundleError: Something of that is wrong; the message says what and where.
    """
    members = read_archive(path)
    manifest = _parse(path, "manifest.json", members["manifest.json"])
    _require(path, "manifest.json", "manifest", manifest)
    for name, claim in manifest["files"].items():
        if len(members[name]) != claim["bytes"] or sha256(members[name]) != claim["sha256"]:
            raise BundleError(f"{path}: {name} is not the file that the manifest names (SHA-256 or size differs)")
    figures = _parse(path, "figures.json", members["figures.json"])
    _require(path, "figures.json", "figures", figures)
    generations, sources, verdicts = (
        list(_parse_lines(path, name, members[name], part))
        for name, part in (
            ("generations.jsonl", "generation"),
            ("sources.jsonl", "source"),
            ("verdicts.jsonl", "verdict"),
        )
    )
    return Bundle(path, sha256(members["manifest.json"]), manifest, generations, sources, verdicts, figures)


def tests_sha256(record: Mapping[str, Any]) -> str:
    """The digest of everything that a candidate's tests gave, under all checkers."""
    return sha256(_canonical([[record[name]["test_ticks"], record[name]["test_faults"]] for name in CHECKERS]))


def _generations(run: Run) -> Iterator[Record]:
    for score, texts in zip(run.scores, run.responses, strict=True):
        for text in texts:
            yield {"task_id": score.pair_id, "solution": text}


def _sources(run: Run, split: SplitFacts) -> Iterator[Record]:
    for score in run.scores:
        code = split.sources[score.pair_id]
        ids = {"task_id": score.pair_id, "problem_id": score.problem_id, "code_sha256": sha256(code.encode())}
        yield {**ids, **source_record(score)}


def _verdicts(run: Run) -> Iterator[Record]:
    for score, texts in zip(run.scores, run.responses, strict=True):
        for sample, (candidate, text) in enumerate(zip(score.candidates, texts, strict=True)):
            record = candidate_record(candidate)
            code = record.pop("code")
            yield {
                "task_id": score.pair_id,
                "sample": sample,
                "solution_sha256": sha256(text.encode("utf-8", "surrogatepass")),
                "code_sha256": None if code is None else sha256(code.encode("utf-8", "surrogatepass")),
                "tests_sha256": tests_sha256(record),
                **record,
            }


def _candidate(line: Record, text: str, source: str | None) -> Record:
    code = extract_code(text, source)
    known = code is not None and sha256(code.encode("utf-8", "surrogatepass")) == line["code_sha256"]
    return {**line, "code": code if known else None}


def _canonical(value: Any) -> bytes:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return text.encode() + b"\n"


def _lines(records: Iterator[Record]) -> bytes:
    return b"".join(map(_canonical, records))


def _parse(path: Path, name: str, content: bytes) -> Any:
    try:
        return json.loads(content.decode(), object_pairs_hook=_without_repeats, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise BundleError(f"{path}: {name} is not valid JSON ({error or type(error).__name__})") from None


def _parse_lines(path: Path, name: str, content: bytes, part: str) -> Iterator[Record]:
    for number, line in enumerate(content.splitlines(), 1):
        where = f"{name}, line {number}"
        value = _parse(path, where, line)
        _require(path, where, part, value)
        yield value


def _require(path: Path, where: str, part: str, value: Any) -> None:
    wrong = fault(part, value)
    if wrong:
        raise BundleError(f"{path}: {where} doesn't follow the schema: {wrong}")


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        raise ValueError("an object names a key twice")
    return value


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no number")
