"""Progress bars of commands that read or run much: on a terminal only, on standard error."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)


@contextmanager
def bars(unit: ProgressColumn) -> Iterator[Progress]:
    """An empty set of bars whose progress is shown by ``unit``."""
    console = Console(stderr=True)
    with Progress(
        TextColumn("[bold]{task.description}[/bold]"),
        BarColumn(),
        unit,
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    ) as progress:
        yield progress


@contextmanager
def byte_bars() -> Iterator[Progress]:
    """Bars that count bytes."""
    with bars(DownloadColumn()) as progress:
        yield progress


@contextmanager
def count_bar(what: str, total: int) -> Iterator[Callable[[int], None]]:
    """One bar that counts things.

    Yields:
        What to call with the number of things done.
    """
    with bars(MofNCompleteColumn()) as progress:
        task = progress.add_task(what, total=total)
        yield lambda count: progress.advance(task, count)
