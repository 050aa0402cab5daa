"""How a run is getting on: one live line on a terminal, JSON events for programs, nothing in logs and CI."""

from __future__ import annotations

import json
import os
import sys
import time
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
from rich.table import Column

from sandbox.scheduler import Progress as Snapshot
from sandbox.types import SandboxError

STYLES = ("auto", "json", "none")
"""``auto`` is the live line on a terminal, and nothing elsewhere."""

Report = Callable[[Snapshot], None]

_EVENT_SECONDS = 1.0


@contextmanager
def show_progress(items: Sequence[tuple[Any, Sequence[Any]]], style: str | None = None) -> Iterator[Report]:
    """Show how the scoring of ``items`` goes on.

    Args:
        items: Pairs with their responses.
        style: One of :data:`STYLES`; ``None`` means ``PIE_PROGRESS``, or ``auto``.

    Yields:
        What the evaluator is to call with its snapshots.

    Raises:
        SandboxError: There is no such style.
    """
    style = style or os.environ.get("PIE_PROGRESS") or "auto"
    if style not in STYLES:
        raise SandboxError(f"unknown progress {style!r}; choose one of: {', '.join(STYLES)}")
    programs = sum(1 + len(responses) for _, responses in items)
    with _SHOWS[style](programs) as report:
        yield report


@contextmanager
def _line(total: int) -> Iterator[Report]:
    console = Console(stderr=True)
    bar = Progress(
        TextColumn("[bold]pie[/bold]"),
        BarColumn(bar_width=20),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[detail]}", table_column=Column(no_wrap=True, overflow="ellipsis", ratio=1)),
        console=console,
        transient=True,
        expand=True,
        disable=not console.is_terminal or bool(os.environ.get("CI")),
    )
    task = bar.add_task("score", total=total, detail="")
    started = time.monotonic()

    def report(now: Snapshot) -> None:
        rate = 60 * now.done / max(time.monotonic() - started, 1e-9)
        verdicts = ", ".join(f"{number} {status}" for status, number in sorted(now.verdicts.items()))
        faults = f" · {now.faults} faults" if now.faults else ""
        detail = (
            f"{rate:.0f}/min · {now.from_store} from the store · {verdicts}{faults} · workers {now.busy}/{now.workers}"
        )
        bar.update(task, completed=now.done + now.faults, detail=detail)

    with bar:
        yield report


@contextmanager
def _events(total: int) -> Iterator[Report]:
    """A JSON object a line on standard error: at most one a second, and the last one when all is over."""
    started = time.monotonic()
    said, last = -_EVENT_SECONDS, Snapshot()

    def say(kind: str, now: Snapshot) -> None:
        elapsed = time.monotonic() - started
        ended = now.done + now.faults
        new = ended - now.from_store  # answers from the store come at once and tell nothing of what is left
        eta = (total - ended) * elapsed / new if new > 0 else None
        event = {
            "event": kind,
            "elapsed": round(elapsed, 3),
            "total": total,
            "per_minute": round(60 * ended / elapsed, 1) if elapsed else None,
            "eta": None if eta is None else round(eta, 1),
            **vars(now),
            "verdicts": dict(now.verdicts),
        }
        print(json.dumps(event), file=sys.stderr, flush=True)

    def report(now: Snapshot) -> None:
        nonlocal said, last
        last = now
        if time.monotonic() - started - said >= _EVENT_SECONDS:
            said = time.monotonic() - started
            say("progress", now)

    try:
        yield report
    finally:
        say("end", last)


@contextmanager
def _nothing(total: int) -> Iterator[Report]:
    yield lambda _: None


_SHOWS = {"auto": _line, "json": _events, "none": _nothing}
