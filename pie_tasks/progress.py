"""One live line on a terminal while candidates are scored; nothing in logs and pipes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from sandbox.scheduler import Progress as Snapshot


@contextmanager
def show_progress(items: Sequence[tuple[Any, Sequence[str]]]) -> Iterator[Callable[[Snapshot], None]]:
    """A bar with the remaining time for scoring ``items``.

    Yields:
        What the evaluator is to call with its snapshots.
    """
    console = Console(stderr=True)
    bar = Progress(
        TextColumn("[bold]pie[/bold]"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[detail]}"),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    programs = sum(1 + len(responses) for _, responses in items)
    task = bar.add_task("score", total=programs, detail="")

    def report(snapshot: Snapshot) -> None:
        detail = f"{snapshot.from_store} from the store, {snapshot.timed_runs} runs timed"
        bar.update(task, completed=snapshot.done, detail=detail)

    with bar:
        yield report
