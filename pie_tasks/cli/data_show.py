"""``pie data show``: one problem, or one pair with its diff."""

from __future__ import annotations

import difflib
from typing import Any

import click
from rich.console import Console
from rich.syntax import Syntax

from pie_tasks.cli.choices import split_options
from pie_tasks.dataset import PieRow, Split
from pie_tasks.options import Options
from pie_tasks.prompts.base import squeeze
from sandbox.types import SandboxError

_SHOWN_BYTES = 400
"""How much of a test's input or output is printed."""


@click.command()
@click.argument("name", metavar="PROBLEM|PAIR")
@split_options
def show(name: str, **chosen: Any) -> None:
    """Print a PROBLEM with its pairs and its first test, or a PAIR with the diff of its two programs."""
    split = Options.resolve(chosen).load()
    pairs = [row for row in split.rows if row.problem_id == name]
    if pairs:
        _show_problem(split, pairs)
    else:
        _show_pair(split, _pair(split, name))


def _pair(split: Split, name: str) -> PieRow:
    try:
        return split.row(name)
    except SandboxError:
        raise SandboxError(f"split {split.name} has neither a problem nor a pair {name!r}") from None


def _show_problem(split: Split, pairs: list[PieRow]) -> None:
    problem_id = pairs[0].problem_id
    click.echo(f"problem {problem_id} of {split.name}: {len(pairs)} pairs")
    for row in pairs:
        click.echo(f"  {row.pair_id}  {_times(row)}")
    tests = split.pair(pairs[0]).tests
    click.echo(f"{len(tests)} tests; test {tests[0].name}:")
    for title, content in (("input", tests[0].input), ("expected output", tests[0].expected)):
        click.echo(f"--- {title}")
        text = content[:_SHOWN_BYTES].decode(errors="replace")
        click.echo(text.rstrip("\n") + (f"\n… {len(content)} bytes" if len(content) > _SHOWN_BYTES else ""))


def _show_pair(split: Split, row: PieRow) -> None:
    click.echo(f"pair {row.pair_id} of {split.name}: {_times(row)}")
    names = split.test_names(row) if split.tests is not None else ()
    click.echo(f"tests: {f'{len(names)} named' if names else 'all of its problem'}")
    slow, fast = (squeeze(code).splitlines() for code in (row.src_code, row.tgt_code))
    diff = "\n".join(difflib.unified_diff(slow, fast, row.src_id, row.tgt_id, lineterm="", n=1000))
    console = Console()
    if console.is_terminal:
        console.print(Syntax(diff, "diff"))
    else:
        click.echo(diff)


def _times(row: PieRow) -> str:
    parts = []
    if row.src_agg_runtime is not None and row.tgt_agg_runtime is not None:
        parts.append(f"{row.src_agg_runtime:.6g} s to {row.tgt_agg_runtime:.6g} s")
    if row.speedup is not None:
        parts.append(f"{row.speedup:.2f}x")
    if row.perf_tag is not None:
        parts.append(f"tag {row.perf_tag}/10")
    return ", ".join(parts) or "no recorded times"
