"""From published rows, as JSON lines or on the hub, to one Parquet file, without ever holding more than some of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pie_tasks.dataset.imported.layout import ROW_SCHEMA
from pie_tasks.dataset.rows import parse_row, read_json_lines
from sandbox.types import SandboxError

_ROWS_AT_ONCE = 500
_COLUMNS = tuple(name for name in ROW_SCHEMA.names if name != "extra")
_COPIES = frozenset({"input", "target", "src_tgt_code"})
"""Published columns that repeat the two programs."""


def write_rows(
    rows: Iterator[tuple[str, Mapping[str, Any]]], path: Path, *, unique: bool, on_fault: Callable[[str], None]
) -> int:
    """Write the sound ones of ``rows`` to a Parquet file, which appears when it is complete.

    Args:
        rows: Where each row is ("test.jsonl, line 3"), and the row.
        path: The Parquet file.
        unique: Whether a pair may occur only once.
        on_fault: Called with a line for each damaged row.

    Returns:
        The number of rows written.
    """
    temporary = path.with_suffix(".new")
    seen: set[str] = set()
    written = 0
    with pq.ParquetWriter(temporary, ROW_SCHEMA, compression="zstd") as writer:
        batch: list[dict[str, Any]] = []
        for where, raw in rows:
            try:
                pair_id = parse_row(raw, where).pair_id
            except SandboxError as error:
                on_fault(str(error))
                continue
            if unique and pair_id in seen:
                on_fault(f"{where}: pair {pair_id} occurs twice")
                continue
            if unique:
                seen.add(pair_id)
            batch.append(_record(raw))
            written += 1
            if len(batch) == _ROWS_AT_ONCE:
                writer.write_table(pa.Table.from_pylist(batch, ROW_SCHEMA))
                batch = []
        if batch:
            writer.write_table(pa.Table.from_pylist(batch, ROW_SCHEMA))
    temporary.replace(path)
    return written


def lines_of(path: Path, advance: Callable[[int], None]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The rows of a JSON-lines file.

    Args:
        path: The file.
        advance: Called with the number of bytes read, now and then.

    Raises:
        SandboxError: The file can't be read, or a line isn't a JSON object.
    """
    for number, raw in read_json_lines(path):
        yield f"{path.name}, line {number}", raw
        advance(len(raw.get("src_code") or "") + len(raw.get("tgt_code") or ""))


def hub_splits(name: str) -> dict[str, Iterator[tuple[str, Mapping[str, Any]]]]:
    """Split -> rows of a hub data set (or a local folder in the hub's format), streamed.

    Raises:
        SandboxError: It can't be loaded.
    """
    import datasets

    source = name.partition(":")[2]
    try:
        splits = datasets.load_dataset(source, streaming=True)
    except Exception as error:  # the library and its many back ends document no common error
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise SandboxError(f"can't load data set {source!r}: {reason}") from None
    return {split: _hub_rows(f"{name}:{split}", rows) for split, rows in splits.items()}


def _hub_rows(where: str, rows: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for number, raw in enumerate(rows):
        yield f"{where}, row {number}", raw


def _record(raw: Mapping[str, Any]) -> dict[str, Any]:
    record = {name: raw.get(name) for name in _COLUMNS}
    if record["tests"] is not None:
        record["tests"] = [str(name) for name in record["tests"]]
    rest = {name: value for name, value in raw.items() if name not in record and name not in _COPIES}
    return {**record, "extra": json.dumps(rest, ensure_ascii=True, default=str)}
