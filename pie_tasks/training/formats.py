"""Training examples as files: one format a function, registered by name in :data:`FORMATS`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pie_tasks.dataset import PieRow
from pie_tasks.dataset.rows import TAG_COLUMN
from sandbox.registry import Registry


@dataclass(frozen=True)
class Example:
    """What a model is trained on: a prompt as the benchmark asks it, and the answer.

    Attributes:
        row: The pair behind it, with its tag.
        prompt: The text that the model is given.
        completion: The fast program.
    """

    row: PieRow
    prompt: str
    completion: str


FORMATS: Registry[Callable[[Sequence[Example], Path], Path]] = Registry("format")
"""Each writes examples into a folder and returns the file."""


@FORMATS.register("openai")
def openai(examples: Sequence[Example], folder: Path) -> Path:
    """Chat messages, one conversation a line, as OpenAI's fine-tuning takes them."""
    return _lines(
        folder / "train.jsonl",
        (
            {
                "messages": [
                    {"role": "user", "content": example.prompt},
                    {"role": "assistant", "content": example.completion},
                ]
            }
            for example in examples
        ),
    )


@FORMATS.register("alpaca")
def alpaca(examples: Sequence[Example], folder: Path) -> Path:
    """``instruction``, ``input``, ``output``. The input is empty, so that trainers leave the prompt as it is."""
    return _lines(
        folder / "train.jsonl",
        ({"instruction": example.prompt, "input": "", "output": example.completion} for example in examples),
    )


@FORMATS.register("hf")
def hugging_face(examples: Sequence[Example], folder: Path) -> Path:
    """A Parquet file that ``datasets.load_dataset(FOLDER)`` reads.

    ``prompt`` and ``completion`` are the columns that TRL's trainers expect; ``problem_id``, ``src_code`` and the others
    are for reward functions.
    """
    import datasets

    names = ("pair_id", "problem_id", "src_code", "tgt_code", "perf_tag", "speedup")
    table: dict[str, list[Any]] = {
        "prompt": [example.prompt for example in examples],
        "completion": [example.completion for example in examples],
        **{name: [getattr(example.row, name) for example in examples] for name in names},
    }
    path = folder / "train.parquet"
    datasets.Dataset.from_dict(table).to_parquet(path)
    return path


@FORMATS.register("official")
def official(examples: Sequence[Example], folder: Path) -> Path:
    """Rows in the official columns, which every part of this package reads as training pairs."""
    return _lines(folder / "train.jsonl", (official_row(example.row) for example in examples))


def official_row(row: PieRow) -> dict[str, Any]:
    """A row in the official columns."""
    raw = {name: value for name, value in asdict(row).items() if name not in ("pair_id", "perf_tag")}
    if not raw.pop("tests"):
        return {**raw, TAG_COLUMN: row.perf_tag}
    return {**raw, "tests": list(row.tests), TAG_COLUMN: row.perf_tag}


def _lines(path: Path, objects: Iterator[dict[str, Any]]) -> Path:
    with path.open("w", encoding="utf-8") as file:
        for value in objects:
            file.write(json.dumps(value) + "\n")
    return path
