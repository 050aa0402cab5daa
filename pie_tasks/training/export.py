"""From training pairs to a training file: select, tag, drop duplicates and leaks, count, order, write."""

from __future__ import annotations

import json
import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pie_tasks.dataset import PieRow, Split
from pie_tasks.dataset.tags import tag_rows
from pie_tasks.prompts import build_prompt, tagged_prompt
from pie_tasks.training.formats import FORMATS, Example
from pie_tasks.training.leaks import Finding, LeakCheck
from pie_tasks.training.normalise import normal_form
from pie_tasks.training.select import SELECTIONS
from pie_tasks.training.tokens import LEXICAL, make_counter
from sandbox.types import SandboxError, sha256

STRATEGY = "instruct"
"""The prompt without a tag; ``pie_best8`` asks in the same words."""


@dataclass(frozen=True)
class ExportOptions:
    """What to write.

    Attributes:
        selection: One of :data:`pie_tasks.training.select.SELECTIONS`.
        tags: Whether prompts carry the pair's performance tag (then ``pie_best8_perf_tag`` asks in the same words).
        format: One of :data:`pie_tasks.training.formats.FORMATS`.
        seed: Decides the order, and which pairs ``limit`` takes.
        limit: Most examples.
        tokenizer: What counts tokens; see :func:`pie_tasks.training.tokens.make_counter`.
        max_tokens: Examples with more tokens are left out.
    """

    selection: str = "all"
    tags: bool = False
    format: str = "openai"
    seed: int = 0
    limit: int | None = None
    tokenizer: str = LEXICAL
    max_tokens: int | None = None


@dataclass(frozen=True)
class TokenCounts:
    """Tokens of prompts and answers together.

    Attributes:
        tokenizer: What counted them.
        total: Of all examples.
        median: Of an example.
        longest: Of the longest example.
    """

    tokenizer: str
    total: int
    median: float
    longest: int


@dataclass(frozen=True)
class ExportReport:
    """What was written, and what was left out and why.

    Attributes:
        file: The training file.
        sha256: Its hash; equal for equal rows, options and version.
        rows: Pairs that were given.
        examples: Pairs that were written.
        left_out: Reason -> number of pairs.
        leaks: The pairs that were left out because they give something away.
        tokens: Token counts.
    """

    file: str
    sha256: str
    rows: int
    examples: int
    left_out: dict[str, int]
    leaks: tuple[Finding, ...]
    tokens: TokenCounts


def export(
    train: Split, held_out: Sequence[Split], folder: Path, options: ExportOptions, synthetic: Sequence[PieRow] = ()
) -> ExportReport:
    """Write a training file and ``report.json`` into ``folder``.

    Args:
        train: Training pairs.
        held_out: Splits that nothing may be given away of.
        folder: Made where it is missing.
        options: What to write.
        synthetic: Pairs that are taken besides the selection.

    Raises:
        SandboxError: A name in ``options`` is unknown, tags are asked for and can't be had, nothing is left, or the
            files can't be written.
    """
    select, write, count = (
        SELECTIONS.get(options.selection),
        FORMATS.get(options.format),
        make_counter(options.tokenizer),
    )
    selected = [*select(train.rows), *synthetic]
    left_out = Counter({"not selected": len(train.rows) + len(synthetic) - len(selected)})
    kept, leaks = _without_leaks(_without_repeats(selected, left_out), LeakCheck(held_out), left_out)
    kept.sort(key=lambda row: sha256(f"{options.seed} {row.pair_id}".encode()))
    if options.tags:
        kept = _tagged(kept, [*train.rows, *synthetic])
    lengths: list[int] = []
    examples: list[Example] = []
    for row in kept:
        prompt = tagged_prompt(row, row.perf_tag or 0) if options.tags else build_prompt(STRATEGY, row, train)
        example = Example(row, prompt, row.tgt_code)
        length = count(example.prompt) + count(example.completion)
        if options.max_tokens is not None and length > options.max_tokens:
            left_out["too long"] += 1
        elif options.limit is not None and len(examples) == options.limit:
            left_out["beyond the limit"] += 1
        else:
            examples.append(example)
            lengths.append(length)
    if not examples:
        raise SandboxError(f"no training pair of {train.name} is left: {dict(left_out)}")
    tokens = TokenCounts(options.tokenizer, sum(lengths), statistics.median(lengths), max(lengths))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = write(examples, folder)
        report = ExportReport(
            file=file.name,
            sha256=sha256(file.read_bytes()),
            rows=len(train.rows) + len(synthetic),
            examples=len(examples),
            left_out={reason: number for reason, number in left_out.items() if number},
            leaks=tuple(leaks),
            tokens=tokens,
        )
        _write_report(folder / "report.json", train, held_out, options, report)
    except OSError as error:
        raise SandboxError(f"can't write {error.filename or folder}: {error.strerror}") from None
    return report


def _without_repeats(rows: Sequence[PieRow], left_out: Counter[str]) -> list[PieRow]:
    """Of pairs that differ in names and layout only, the one with the greatest speedup."""
    best: dict[tuple[tuple[str, ...], tuple[str, ...]], PieRow] = {}
    for row in rows:
        slow, fast = normal_form(row.src_code), normal_form(row.tgt_code)
        if slow == fast:
            left_out["both programs are the same"] += 1
            continue
        known = best.get((slow, fast))
        if known is not None:
            left_out["repeated"] += 1
        if known is None or (row.speedup or 0.0) > (known.speedup or 0.0):
            best[slow, fast] = row
    return list(best.values())


def _without_leaks(
    rows: Sequence[PieRow], check: LeakCheck, left_out: Counter[str]
) -> tuple[list[PieRow], list[Finding]]:
    kept: list[PieRow] = []
    leaks: list[Finding] = []
    for row in rows:
        finding = check.find(row)
        if finding is None:
            kept.append(row)
        else:
            leaks.append(finding)
            left_out[f"leak: {finding.leak.value}"] += 1
    return kept, leaks


def _tagged(kept: Sequence[PieRow], rows: Sequence[PieRow]) -> list[PieRow]:
    """The rows with tags: their own, or where they have none, computed from their times."""
    computed = {row.pair_id: row for row in tag_rows([row for row in rows if row.perf_tag is None])}
    tagged = [computed.get(row.pair_id, row) if row.perf_tag is None else row for row in kept]
    for row in tagged:
        if row.perf_tag is None:
            raise SandboxError(
                f"pair {row.pair_id} has neither a tag nor times; measure them with 'pie train tag' first"
            )
    return tagged


def _write_report(
    path: Path, train: Split, held_out: Sequence[Split], options: ExportOptions, report: ExportReport
) -> None:
    content: dict[str, Any] = {
        "pie_tasks": version("pie-tasks"),
        "train": train.name,
        "held_out": [split.name for split in held_out],
        "options": asdict(options),
        **asdict(report),
    }
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
