"""``pie reward``: rewards of responses, a line in and a line out."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

import click

from pie_tasks.cli.choices import sandbox_options, split_options
from pie_tasks.options import Options
from sandbox.types import SandboxError
from scorers.evaluate import Evaluator
from scorers.reward import SHAPES, RewardOptions, rewards

_DEFAULT = RewardOptions()
_BATCH = 256
_CHOICES = ("split", "data_dir", "engine", "toolchain", "isolation", "accept_no_isolation")


@click.command()
@click.argument("responses", type=click.Path(path_type=Path), default=Path("-"))
@split_options
@click.option("--shape", type=click.Choice(sorted(SHAPES)), default=_DEFAULT.shape, show_default=True)
@click.option("--correct", type=float, default=_DEFAULT.correct, show_default=True, help="For a right program.")
@click.option("--weight", type=float, default=_DEFAULT.weight, show_default=True, help="Factor of the speedup's worth.")
@click.option("--max-speedup", type=float, default=_DEFAULT.max_speedup, show_default=True)
@click.option("--wrong", type=float, default=_DEFAULT.wrong, show_default=True, help="For a wrong program.")
@click.option("--partial", type=float, default=_DEFAULT.partial, show_default=True, help="Factor of its passed tests.")
@click.option(
    "--broken", type=float, default=_DEFAULT.broken, show_default=True, help="For no code or a compile error."
)
@sandbox_options
def reward(responses: Path, **chosen: Any) -> None:
    """Read {"pair_id", "response"} lines from the file RESPONSES (or standard input), write a reward for each."""
    options = Options.resolve({name: chosen.pop(name) for name in _CHOICES})
    shape = RewardOptions(**chosen)
    split = options.load()
    try:
        file: TextIO = sys.stdin if str(responses) == "-" else responses.open(encoding="utf-8")
    except OSError as error:
        raise SandboxError(f"can't read {responses}: {error.strerror}") from None
    with file, Evaluator(options.settings()) as evaluator:
        lines = _lines(file, str(responses))
        while batch := list(islice(lines, _BATCH)):
            items = [(split.pair(split.row(pair_id)), response) for pair_id, response in batch]
            for (pair_id, _), earned in zip(batch, rewards(evaluator, items, shape), strict=True):
                click.echo(json.dumps({"pair_id": pair_id, **asdict(earned), "status": earned.status.value}))


def _lines(file: TextIO, name: str) -> Iterator[tuple[str, str]]:
    try:
        for number, line in enumerate(file, 1):
            if line.strip():
                yield _line(line, f"{name}, line {number}")
    except UnicodeDecodeError:
        raise SandboxError(f"can't read {name}: not UTF-8 text") from None


def _line(line: str, where: str) -> tuple[str, str]:
    try:
        value = json.loads(line)
        return str(value["pair_id"]), str(value["response"])
    except (ValueError, KeyError, TypeError, RecursionError):
        raise SandboxError(f"{where}: needs an object with 'pair_id' and 'response'") from None
