"""The leaderboard: a static site from a folder of bundles. Rows of different splits or clocks never share a table."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from sandbox.types import SandboxError
from scorers.figures import reported_ks
from scorers.metrics import OPTIMIZED_SPEEDUP
from scorers.metrics.names import CORRECT, OPTIMIZED, SPEEDUP
from scorers.report.page import page_policy, page_script, render
from scorers.report.paper import paper
from scorers.submission.bundle import Bundle

VERIFIED_SUFFIX = ".verified.json"
"""What ``pie submit verify --record`` puts after a bundle's file name."""

Range = tuple[float, float | None, float | None]
"""A figure with the ends of its interval, where it has one."""


@dataclass(frozen=True)
class Verification:
    """That a bundle was measured again.

    Attributes:
        bundle_sha256: Of the bundle's manifest.
        candidates: How many candidates were measured.
        of: Out of how many.
        date: When (ISO 8601, UTC).
        version: Of this package.
    """

    bundle_sha256: str
    candidates: int
    of: int
    date: str
    version: str


@dataclass(frozen=True)
class Row:
    """One line of a table.

    Attributes:
        model: Model, or what else the line stands for.
        strategy: Prompt strategy or method.
        figures: ``%Optimized``, ``Speedup`` and ``%Correct``, where they are known.
        status: ``verified``, ``not verified``, ``not isolated``, ``published`` or ``reference``.
        note: What the status rests on.
        bundle: File name of the bundle, where there is one.
        date: When the run was made.
        contact: Who answers questions.
        training_data: The submitter's note.
        flags: Flag -> how many of the bundle's candidates have it.
    """

    model: str
    strategy: str
    figures: Mapping[str, Range]
    status: str
    note: str = ""
    bundle: str = ""
    date: str = ""
    contact: str = ""
    training_data: str = ""
    flags: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Table:
    """Rows that may be ranked together: one split's content, one clock, one k.

    Attributes:
        split: The split.
        split_sha256: Its content's hash; empty for published rows.
        engine: Engine and toolchain root.
        clock_sha256: The fingerprint's hash; empty for published rows.
        k: Samples a pair.
        rows: By falling speedup.
    """

    split: str
    split_sha256: str
    engine: str
    clock_sha256: str
    k: int
    rows: tuple[Row, ...]


RECORDED = "recorded in the data set"


@dataclass(frozen=True)
class Reference:
    """The human authors' programs on a split, by times that its rows record or that a bundle's clock gives.

    Attributes:
        split: The split's name.
        split_sha256: Its content's hash.
        average: Mean speedup and share of at least 1.1x of the split's faster programs.
        best: The same with the fastest known program of each problem; ``None`` where it isn't known.
        engine: Engine and toolchain root, or :data:`RECORDED`.
        clock_sha256: The clock's hash; empty for recorded times.
    """

    split: str
    split_sha256: str
    average: tuple[float, float]
    best: tuple[float, float] | None
    engine: str = RECORDED
    clock_sha256: str = ""


def human_reference(
    split: str,
    sha256: str,
    times: Iterable[tuple[float | None, float | None, float | None]],
    *,
    engine: str = RECORDED,
    clock_sha256: str = "",
) -> Reference | None:
    """The reference of a split from its pairs' times (slow, fast, fastest of the problem), if all pairs have them.

    Args:
        split: The split's name.
        sha256: Its content's hash.
        times: Times of each pair, in any unit.
        engine: What gave the times.
        clock_sha256: The clock's hash.
    """
    rows = list(times)
    average = _speedups((slow, fast) for slow, fast, _ in rows)
    if average is None:
        return None
    best = _speedups((slow, fastest) for slow, _, fastest in rows)
    return Reference(split, sha256, average, best, engine, clock_sha256)


def _speedups(times: Iterable[tuple[float | None, float | None]]) -> tuple[float, float] | None:
    values = []
    for slow, fast in times:
        if not slow or not fast:
            return None
        values.append(max(1.0, slow / fast))
    shares = [value >= OPTIMIZED_SPEEDUP for value in values]
    return sum(values) / len(values), 100.0 * sum(shares) / len(shares)


def read_verification(bundle: Bundle) -> Verification | None:
    """The record beside a bundle's file, if it is about this bundle.

    Raises:
        SandboxError: The record is damaged.
    """
    path = bundle.path.with_name(bundle.path.name + VERIFIED_SUFFIX)
    try:
        record = Verification(**json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError) as error:
        raise SandboxError(f"{path}: no verification record ({error}); delete it or verify again") from None
    return record if record.bundle_sha256 == bundle.sha256 else None


def write_verification(bundle: Bundle, record: Verification) -> Path:
    """Put a record beside a bundle's file.

    Raises:
        SandboxError: It can't be written.
    """
    path = bundle.path.with_name(bundle.path.name + VERIFIED_SUFFIX)
    try:
        path.write_text(json.dumps(asdict(record), indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise SandboxError(f"can't write {path}: {error.strerror}") from None
    return path


def board_tables(bundles: Sequence[Bundle], references: Sequence[Reference] = ()) -> list[Table]:
    """All tables, the submissions' first."""
    rows: dict[tuple[str, str, str, str, int], list[Row]] = {}
    for bundle in bundles:
        about, verification = bundle.about, read_verification(bundle)
        for k in reported_ks(about.k):
            key = (about.split, about.split_sha256, about.clock, about.fingerprint["sha256"], k)
            rows.setdefault(key, []).append(_row(bundle, verification, k))
    for reference in references:
        clock = (reference.split, reference.split_sha256, reference.engine, reference.clock_sha256)
        for key in [key for key in rows if key[:4] == clock] or [(*clock, 1)]:
            rows.setdefault(key, []).extend(_reference_rows(reference))
    tables = [_table(key, group) for key, group in rows.items()]
    tables.sort(key=lambda table: (table.split, table.engine, -table.k))
    return [*tables, *_paper_tables()]


def _table(key: tuple[str, str, str, str, int], rows: list[Row]) -> Table:
    return Table(*key, tuple(sorted(rows, key=lambda row: -row.figures[SPEEDUP][0])))


def _row(bundle: Bundle, verification: Verification | None, k: int) -> Row:
    about = bundle.about
    figures = {name: _range(bundle.figures[f"{name}@{k}"]) for name in (OPTIMIZED, SPEEDUP, CORRECT)}
    note = "as submitted; nobody has measured it again"
    if verification:
        note = f"{verification.candidates} of {verification.of} candidates measured again on {verification.date[:10]}"
    status = "verified" if verification else "not verified"
    if about.isolation == "none":  # who verified it so has run the same programs in the same way
        status, note = (
            "not isolated",
            "its programs ran without isolation and could have written these figures themselves",
        )
    if not bundle.manifest["split"]["whole"]:
        note += f"; only {bundle.manifest['split']['pairs']} of the split's pairs"
    return Row(
        about.model,
        about.strategy,
        figures,
        status,
        note,
        bundle.path.name,
        (about.date or "")[:10],
        about.contact,
        about.training_data,
        dict(sorted(Counter(flag for line in bundle.verdicts for flag in line["flags"]).items())),
    )


def _range(figure: Mapping[str, float | None]) -> Range:
    return float(figure["value"] or 0.0), figure["low"], figure["high"]


def _reference_rows(reference: Reference) -> list[Row]:
    note = "by the split's recorded times" if reference.engine == RECORDED else "timed as the submissions"
    speeds = {"average of the pairs' faster programs": reference.average, "best over all submissions": reference.best}
    return [
        Row(
            "Human reference",
            name,
            {SPEEDUP: (speed[0], None, None), OPTIMIZED: (speed[1], None, None)},
            "reference",
            note,
        )
        for name, speed in speeds.items()
        if speed
    ]


def _paper_tables() -> list[Table]:
    published = paper()
    tables = []
    for k in (8, 1):
        rows = [
            Row(
                row.model,
                row.method,
                {name: (row.figures[f"{name}@{k}"], None, None) for name in (OPTIMIZED, SPEEDUP, CORRECT)},
                "published",
                f"{published.clock}, {row.table}",
            )
            for row in published.rows
        ]
        if k == 1:
            human: dict[str, Range] = {
                name: (published.human[f"{name}@1"], None, None) for name in (OPTIMIZED, SPEEDUP, CORRECT)
            }
            rows.append(Row("Human reference", "average", human, "published", published.clock))
        tables.append(_table(("PIE test (published)", "", "gem5 Skylake (published)", "", k), rows))
    return tables


def write_board(bundles: Sequence[Bundle], references: Sequence[Reference], folder: Path) -> None:
    """Write ``index.html`` and the same as ``board.json`` into ``folder``.

    Raises:
        SandboxError: A file can't be written.
    """
    tables = board_tables(bundles, references)
    page = render(
        "board.html.j2",
        tables=tables,
        source=paper().source,
        choices=_choices(tables),
        figures=(OPTIMIZED, SPEEDUP, CORRECT),
        script=page_script("board.js"),
        policy=page_policy("board.js"),
    )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "index.html").write_text(page, encoding="utf-8")
        content = json.dumps([asdict(table) for table in tables], indent=1, ensure_ascii=False)
        (folder / "board.json").write_text(content + "\n", encoding="utf-8")
    except OSError as error:
        raise SandboxError(f"can't write the board to {folder}: {error.strerror}") from None


def _choices(tables: Sequence[Table]) -> dict[str, list[Any]]:
    return {
        "split": sorted({table.split for table in tables}),
        "engine": sorted({table.engine for table in tables}),
        "strategy": sorted({row.strategy for table in tables for row in table.rows}),
        "k": sorted({table.k for table in tables}),
    }
