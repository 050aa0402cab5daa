"""One typed row for a pair, read from the files as the authors publish them (JSON lines).

The files hold many more columns than the benchmark needs (33 in ``test.jsonl``, 18 in ``val.jsonl``, 15 in
``train*.jsonl``) and not always of one type (an accuracy is ``1`` in one row and ``1.0`` in the next), so rows are read
line by line into one type, and what is wrong is named by file and line.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.types import SandboxError

TAG_COLUMN = "target_reward_updated_pct_bin"
"""Where the published rows keep the performance tag."""


@dataclass(frozen=True)
class PieRow:
    """A slow program and a faster one of the same author for the same problem.

    Attributes:
        pair_id: ``problem_src_tgt``. Sources and targets repeat; the three together are unique.
        problem_id: The problem ("p02676"), shared by many pairs.
        src_id: CodeNet's id of the slow program.
        tgt_id: CodeNet's id of the fast program.
        src_code: The slow C++ program.
        tgt_code: The fast C++ program.
        tests: Names of the tests that score the pair. Empty where the file has no such column (``val.jsonl``, training
            files): then all tests in the problem's folder count.
        src_agg_runtime: Recorded gem5 seconds of the slow program, summed over its tests.
        tgt_agg_runtime: The same of the fast program.
        fastest_agg_runtime: The same of the fastest known program of the problem.
        perf_tag: How close the fast program is to the best time of its problem, 1 to 10.
        speedup: ``src_agg_runtime / tgt_agg_runtime`` as recorded, or computed from the two; the ratio of executed
            instructions in the bundled rows, which have no recorded times. It chooses examples and never scores.
    """

    pair_id: str
    problem_id: str
    src_id: str
    tgt_id: str
    src_code: str
    tgt_code: str
    tests: tuple[str, ...] = ()
    src_agg_runtime: float | None = None
    tgt_agg_runtime: float | None = None
    fastest_agg_runtime: float | None = None
    perf_tag: int | None = None
    speedup: float | None = None


def parse_row(raw: Mapping[str, Any], where: str) -> PieRow:
    """The typed form of one published row.

    Args:
        raw: The row as read from JSON, Arrow or a hub data set.
        where: What messages call it ("test.jsonl, line 3").

    Raises:
        SandboxError: A column is missing or holds something else than it should.
    """
    text = {name: _text(raw, name, where) for name in ("problem_id", "src_id", "tgt_id", "src_code", "tgt_code")}
    for name in ("problem_id", "src_id", "tgt_id"):
        # Ids become file names and parts of other ids.
        if not all(c.isalnum() or c in "_-." for c in text[name]) or text[name].startswith("."):
            raise SandboxError(f"{where}: column {name!r} holds {text[name][:40]!r}, which is not an id")
    source_time = _amount(raw, "src_agg_runtime", where)
    target_time = _amount(raw, "tgt_agg_runtime", where)
    speedup = _amount(raw, "speedup", where)
    if speedup is None and source_time is not None and target_time:
        speedup = source_time / target_time
    instructions = _amount(raw, "src_instructions", where), _amount(raw, "tgt_instructions", where)
    if speedup is None and instructions[0] is not None and instructions[1]:
        speedup = instructions[0] / instructions[1]
    return PieRow(
        pair_id=f"{text['problem_id']}_{text['src_id']}_{text['tgt_id']}",
        problem_id=text["problem_id"],
        src_id=text["src_id"],
        tgt_id=text["tgt_id"],
        src_code=text["src_code"],
        tgt_code=text["tgt_code"],
        tests=_tests(raw, where),
        src_agg_runtime=source_time,
        tgt_agg_runtime=target_time,
        fastest_agg_runtime=_amount(raw, "fastest_agg_runtime", where),
        perf_tag=_tag(raw, where),
        speedup=speedup,
    )


def read_rows(path: Path, *, unique: bool = True) -> tuple[PieRow, ...]:
    """All rows of a JSON-lines file.

    Args:
        path: ``test.jsonl``, ``val.jsonl``, ``train.jsonl``, ...
        unique: Whether a pair that occurs twice is an error. It is where pairs are scored; training files may repeat.

    Raises:
        SandboxError: The file can't be read, is empty, or a line is damaged; the message names file, line and column.
    """
    rows: list[PieRow] = []
    seen: dict[str, int] = {}
    for number, raw in read_json_lines(path):
        row = parse_row(raw, f"{path}, line {number}")
        if unique and row.pair_id in seen:
            raise SandboxError(
                f"{path}, line {number}: pair {row.pair_id} is already on line {seen[row.pair_id]}; remove one"
            )
        seen[row.pair_id] = number
        rows.append(row)
    if not rows:
        raise SandboxError(f"{path}: the file has no rows; download it again")
    return tuple(rows)


def read_json_lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Line number (from 1) and object of each line that isn't blank.

    Raises:
        SandboxError: The file can't be read, isn't UTF-8, or a line isn't a JSON object.
    """
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                if not line.strip():
                    continue
                where = f"{path}, line {number}"
                try:
                    value = json.loads(line.decode())
                except UnicodeDecodeError:
                    raise SandboxError(f"{where}: not UTF-8 text; is the file complete and uncompressed?") from None
                except (ValueError, RecursionError) as error:
                    raise SandboxError(f"{where}: not valid JSON ({error}); is the file complete?") from None
                if not isinstance(value, dict):
                    raise SandboxError(f"{where}: a JSON object is expected, found {type(value).__name__}")
                yield number, value
    except OSError as error:
        raise SandboxError(f"can't read {path}: {error.strerror or error}") from None


_MOST = 1e300
"""Quotients of recorded amounts stay finite, and integers beyond it are no amounts."""


def _missing(value: object) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def _text(raw: Mapping[str, Any], name: str, where: str) -> str:
    value = raw.get(name)
    if _missing(value):
        raise SandboxError(f"{where}: column {name!r} is missing")
    if not isinstance(value, str) or not value.strip():
        raise SandboxError(f"{where}: column {name!r} must be text and not empty, found {str(value)[:40]!r}")
    return value


def _amount(raw: Mapping[str, Any], name: str, where: str) -> float | None:
    value = raw.get(name)
    if _missing(value):
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= _MOST:
        raise SandboxError(f"{where}: column {name!r} must be a number and not negative, found {str(value)[:40]!r}")
    return float(value)


def _tag(raw: Mapping[str, Any], where: str) -> int | None:
    value = raw.get(TAG_COLUMN)
    if _missing(value):
        return None
    # A file written by pandas with a gap in the column has all its integers as floats.
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value not in range(1, 11):
        raise SandboxError(f"{where}: column {TAG_COLUMN!r} must be an integer from 1 to 10, found {str(value)[:40]!r}")
    return int(value)


def _tests(raw: Mapping[str, Any], where: str) -> tuple[str, ...]:
    value = raw.get("tests")
    if _missing(value):
        return ()
    if not isinstance(value, (list, tuple)) or not value:
        raise SandboxError(f"{where}: column 'tests' must be a list of test names and not empty")
    names = tuple(str(name) for name in value)
    for name in names:
        if not name.isdecimal():
            raise SandboxError(f"{where}: column 'tests' must hold numbers of tests, found {name[:40]!r}")
    if len(set(names)) < len(names):
        twice = next(name for i, name in enumerate(names) if name in names[:i])
        raise SandboxError(f"{where}: column 'tests' names test {twice} twice")
    return names
