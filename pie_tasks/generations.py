"""Recorded generations: JSON lines, one a pair or one a sample.

Three forms are read, mixed if need be:

* the published one, a data set row with ``generated_answers`` (a list of texts);
* the same with ``task_id`` in place of the row's other columns (what this module writes);
* ``{"task_id": ..., "solution": ...}``, repeated for each sample.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pie_tasks.dataset.splits import MINI_DIR
from sandbox.paths import default_cache
from sandbox.types import SandboxError

BUNDLED = MINI_DIR / "generations.jsonl"
"""Answers for ``pie_mini``, eight a pair and of every kind."""

Generations = dict[str, list[str]]
"""Pair id -> its samples, in the order they were drawn."""


def read_generations(path: Path) -> Generations:
    """The samples in ``path``.

    Raises:
        SandboxError: The file can't be read, or a line isn't in one of the three forms.
    """
    generations: Generations = {}
    try:
        with path.open(encoding="utf-8-sig") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    _add(generations, line, f"{path}, line {number}")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise SandboxError(f"can't read generations from {path}: {reason}") from None
    if not generations:
        raise SandboxError(f"{path} holds no generations")
    return generations


def write_generations(path: Path, generations: Mapping[str, Sequence[str]]) -> None:
    """Write one line a pair to ``path``, so that it is on the disk when this returns.

    They have been paid for: where they can't be written there, they are written to the folder for temporary files.

    Raises:
        SandboxError: The file can't be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(path, generations)
    except OSError as error:
        fault = f"can't write generations to {path}: {error.strerror}"
    else:
        return
    rescued = Path(tempfile.gettempdir()) / f"rescued-{os.getpid()}-{path.name}"
    with contextlib.suppress(OSError):
        _write(rescued, generations)
        fault += f"; they are in {rescued}, which pie score takes"
    raise SandboxError(fault)


def _write(path: Path, generations: Mapping[str, Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8") as file:
        for task_id, answers in generations.items():
            file.write(json.dumps({"task_id": task_id, "generated_answers": list(answers)}) + "\n")
        file.flush()
        os.fsync(file.fileno())


def new_generations_file(name: str) -> Path:
    """A fresh place in the cache folder for the generations of a run called ``name``."""
    stamp = time.strftime("%Y%m%dT%H%M%S")
    return default_cache() / "generations" / f"{name}-{stamp}-{os.getpid()}.jsonl"


def _add(generations: Generations, line: str, where: str) -> None:
    try:
        row: Any = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise SandboxError(f"{where}: not JSON ({getattr(error, 'msg', error)})") from None
    if not isinstance(row, dict):
        raise SandboxError(f"{where}: not an object")
    answers = row.get("generated_answers", row.get("solution"))
    samples = [answers] if isinstance(answers, str) else answers
    if not isinstance(samples, list) or not all(isinstance(sample, str) for sample in samples):
        raise SandboxError(f"{where}: needs a list of texts 'generated_answers', or a text 'solution'")
    generations.setdefault(_task_id(row, where), []).extend(samples)


def _task_id(row: Mapping[str, Any], where: str) -> str:
    for name in ("task_id", "pair_id"):
        if isinstance(row.get(name), str):
            return str(row[name])
    parts = [row.get(name) for name in ("problem_id", "src_id", "tgt_id")]
    if all(isinstance(part, str) for part in parts):
        return "_".join(map(str, parts))
    raise SandboxError(f"{where}: needs 'task_id', or 'problem_id', 'src_id' and 'tgt_id'")
