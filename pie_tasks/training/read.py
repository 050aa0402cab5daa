"""Reading a training file's programs back, whatever its format, to hold them against held-out splits."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pie_tasks.dataset.rows import read_json_lines
from sandbox.types import SandboxError
from scorers.extract import extract_code

_PROGRAM = re.compile(r"### Program:\n(.*?)\n*(?:### Optimized|\Z)", re.DOTALL)


@dataclass(frozen=True)
class TrainingPrograms:
    """What one example of a training file shows.

    Attributes:
        name: Its pair id, or the line where it has none.
        problem_id: Its problem, where the file says so.
        programs: Its C++ programs.
    """

    name: str
    problem_id: str | None
    programs: tuple[str, ...]


def read_training_file(path: Path) -> Iterator[TrainingPrograms]:
    """The examples of a file of any format of :data:`pie_tasks.training.formats.FORMATS`, or of official rows.

    Raises:
        SandboxError: The file can't be read, or a line is in no known form.
    """
    for where, raw in _objects(path):
        yield TrainingPrograms(_name(raw, where), raw.get("problem_id"), _programs(raw, where))


def _objects(path: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if path.suffix != ".parquet":
        for number, raw in read_json_lines(path):
            yield f"{path.name}, line {number}", raw
        return
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            for number, raw in enumerate(row for batch in file.iter_batches(500) for row in batch.to_pylist()):
                yield f"{path.name}, row {number}", raw
    except (OSError, pa.ArrowException) as error:
        raise SandboxError(f"can't read {path}: {error}") from None


def _name(raw: Mapping[str, Any], where: str) -> str:
    if "pair_id" in raw:
        return str(raw["pair_id"])
    if "src_id" in raw and "tgt_id" in raw:
        return f"{raw.get('problem_id')}_{raw['src_id']}_{raw['tgt_id']}"
    return where


def _programs(raw: Mapping[str, Any], where: str) -> tuple[str, ...]:
    if "src_code" in raw and "tgt_code" in raw:
        return str(raw["src_code"]), str(raw["tgt_code"])
    if "messages" in raw:
        texts = {str(message["role"]): str(message["content"]) for message in raw["messages"]}
        prompt, answer = texts.get("user", ""), texts.get("assistant", "")
    elif "instruction" in raw and "output" in raw:
        prompt, answer = f"{raw['instruction']}\n{raw.get('input', '')}", str(raw["output"])
    elif "prompt" in raw and "completion" in raw:
        prompt, answer = str(raw["prompt"]), str(raw["completion"])
    else:
        raise SandboxError(f"{where}: no training example: no programs, messages, instruction or prompt")
    shown = [match.strip("\n") for match in _PROGRAM.findall(prompt)] or [prompt]
    return (*shown, extract_code(answer) or answer)
