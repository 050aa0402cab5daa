"""``import_data``: from the authors' files to an imported data set. Streamed, resumable, and readable only when whole."""

from __future__ import annotations

import fcntl
import shutil
import statistics
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pie_tasks.dataset.imported.journal import Journal
from pie_tasks.dataset.imported.layout import INDEX, INDEX_SCHEMA, ROWS, TESTS
from pie_tasks.dataset.imported.row_files import hub_splits, lines_of, write_rows
from pie_tasks.dataset.imported.sources import ROW_FILES, TEST_FOLDERS, Source, find_sources
from pie_tasks.dataset.imported.test_files import import_tests
from pie_tasks.dataset.manifest import (
    MANIFEST,
    UNFINISHED,
    Manifest,
    RowsSummary,
    TestsSummary,
    read_manifest,
    write_manifest,
)
from pie_tasks.dataset.splits import DATASETS
from pie_tasks.dataset.tests import MERGED
from sandbox.types import SandboxError

_SHOWN = 20
"""Faults that one message names."""

Advance = Callable[[int], None]
OnSource = Callable[[Source], Advance]


@dataclass(frozen=True)
class ImportResult:
    """What an import did.

    Attributes:
        manifest: What the data set now holds.
        new: Whether anything was read; ``False`` where the same import was already finished.
    """

    manifest: Manifest
    new: bool


def import_data(
    paths: Sequence[str],
    folder: Path,
    *,
    skip_damaged: bool = False,
    on_source: OnSource = lambda _: lambda __: None,
) -> ImportResult:
    """Import the files, folders, archives and hub data sets that ``paths`` name into ``folder``.

    A killed import goes on when the same is called again. Memory stays bounded whatever the files' size.

    Args:
        paths: See :func:`pie_tasks.dataset.imported.sources.find_sources`.
        folder: The data set; made where it is missing.
        skip_damaged: Leave damaged rows and tests out, and say so in the manifest.
        on_source: Called before each source; what it returns is called with numbers of bytes read.

    Raises:
        SandboxError: Something is damaged. The message has a line for each fault; nothing can be used from ``folder``.
    """
    sources = find_sources(paths)
    if (folder / MANIFEST).is_file():
        known = read_manifest(folder)
        if known.sources == {source.name: source.stamp for source in sources}:
            return ImportResult(known, new=False)
        raise SandboxError(f"{folder} already holds another import; import into a new folder, all files in one command")
    if folder.exists() and not (folder / UNFINISHED).is_dir() and any(folder.iterdir()):
        raise SandboxError(f"{folder} holds other things; import into a new folder")
    for part in (ROWS, TESTS, UNFINISHED):
        (folder / part).mkdir(parents=True, exist_ok=True)
    with _alone(folder), _open(folder) as journal:
        broken = [fault for source in sources for fault in _import(source, folder, journal, on_source)]
        faults = [line for source in sources for line in journal.faults(source.name)]
        faults += [
            f"{kind_of}, problem {problem}: test {test} has only its {kind}"
            for kind_of, problem, test, kind in journal.halves()
        ]
        if broken or (faults and not skip_damaged):
            raise SandboxError(_explain([*broken, *faults], folder, hopeless=bool(broken)))
        manifest = _finish(folder, journal, sources, tuple(faults))
    shutil.rmtree(folder / UNFINISHED)
    return ImportResult(manifest, new=True)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    with (folder / UNFINISHED / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SandboxError(f"another import into {folder} is running") from None
        yield


@contextmanager
def _open(folder: Path) -> Iterator[Journal]:
    for half in folder.glob("*/*.new"):
        half.unlink()
    journal = Journal(folder / UNFINISHED / "journal.sqlite")
    try:
        yield journal
    finally:
        journal.close()


def _import(source: Source, folder: Path, journal: Journal, on_source: OnSource) -> list[str]:
    """Import one source. What makes the whole of it unusable is returned, a line each."""
    advance = on_source(source)
    try:
        if source.kind in ("archive", "folder"):
            import_tests(source, folder, journal, advance)
        elif source.kind == "rows":
            _import_rows(source, folder, journal, advance)
        else:
            _import_hub(source, folder, journal)
    except SandboxError as error:
        return [str(error)]
    except OSError as error:
        return [f"{source.name}: {error.strerror or error}"]
    return []


def _import_rows(source: Source, folder: Path, journal: Journal, advance: Advance) -> None:
    if journal.begin(source.name, source.stamp)[1]:
        return
    name = Path(source.name).stem
    specs = [DATASETS.get(dataset) for dataset in DATASETS.names()]
    scored = any(spec.file == source.name and spec.train is not None for spec in specs)

    def note(line: str) -> None:
        journal.add_fault(source.name, line)

    rows = lines_of(source.path, advance)
    if not write_rows(rows, folder / ROWS / f"{name}.parquet", unique=scored, on_fault=note):
        note(f"{source.name}: the file has no sound rows; download it again")
    journal.add(source.name, 0, (), (), done=True)


def _import_hub(source: Source, folder: Path, journal: Journal) -> None:
    if journal.begin(source.name, source.stamp)[1]:
        return
    for split, rows in hub_splits(source.name).items():
        path = folder / ROWS / f"{split}.parquet"
        if path.exists():
            raise SandboxError(f"{source.name}: split {split!r} is also in another source; which one is right?")
        write_rows(rows, path, unique=split == "test", on_fault=lambda line: journal.add_fault(source.name, line))
    journal.add(source.name, 0, (), (), done=True)


def _explain(faults: Sequence[str], folder: Path, *, hopeless: bool) -> str:
    lines = [f"fault: {fault}" for fault in faults[:_SHOWN]]
    if len(faults) > _SHOWN:
        lines.append(f"fault: … and {len(faults) - _SHOWN} more")
    remedy = "correct them and run the same command again (what is done stays done)"
    if not hopeless:
        remedy += ", or leave them out with --skip-damaged"
    return "\n".join([f"{len(faults)} things are damaged, so {folder} can't be used yet; {remedy}", *lines])


def _finish(folder: Path, journal: Journal, sources: Sequence[Source], left_out: tuple[str, ...]) -> Manifest:
    tests = _write_index(folder, journal)
    rows = {}
    missing = [
        f"{name} was not given" for name in ROW_FILES if not (folder / ROWS / f"{Path(name).stem}.parquet").exists()
    ]
    missing += [f"{name} was not given" for name in TEST_FOLDERS if name not in tests]
    for path in sorted((folder / ROWS).glob("*.parquet")):
        problems = set(pq.read_table(path, columns=["problem_id"])["problem_id"].to_pylist())
        source = next((one.name for one in sources if Path(one.name).stem == path.stem), "")
        source = source or next(one.name for one in sources if one.kind == "hub")
        rows[path.stem] = RowsSummary(source, pq.read_metadata(path).num_rows, len(problems))
        missing += _missing_tests(path, tests)
    contents, size = journal.content_sizes()
    manifest = Manifest(
        rows=rows,
        tests={
            name: TestsSummary(
                len(problems), sum(map(len, problems.values())), statistics.median(map(len, problems.values()))
            )
            for name, problems in tests.items()
        },
        contents=contents,
        content_bytes=size,
        stored_bytes=sum(file.stat().st_size for file in (folder / TESTS).iterdir()),
        sources={source.name: source.stamp for source in sources},
        missing=tuple(missing),
        left_out=left_out,
    )
    write_manifest(folder, manifest)
    return manifest


def _write_index(folder: Path, journal: Journal) -> dict[str, dict[str, set[str]]]:
    """Write the index of tests; returns folder -> problem -> its tests."""
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    temporary = folder / TESTS / f"{INDEX}.new"
    with pq.ParquetWriter(temporary, INDEX_SCHEMA, compression="zstd") as writer:
        batch: list[tuple[object, ...]] = []
        for row in journal.index():
            found[row[0]][row[1]].add(row[2])
            batch.append(row)
            if len(batch) == 10_000:
                _write_batch(writer, batch)
                batch = []
        _write_batch(writer, batch)
    temporary.replace(folder / TESTS / INDEX)
    return found


def _write_batch(writer: pq.ParquetWriter, batch: Sequence[tuple[object, ...]]) -> None:
    columns = zip(*batch, strict=True) if batch else ([] for _ in INDEX_SCHEMA.names)
    arrays = [pa.array(list(column), field.type) for column, field in zip(columns, INDEX_SCHEMA, strict=True)]
    writer.write_table(pa.Table.from_arrays(arrays, schema=INDEX_SCHEMA))


def _missing_tests(path: Path, tests: dict[str, dict[str, set[str]]]) -> list[str]:
    """Problems without merged tests, and tests that a row names and that aren't there; nothing where none were given."""
    if MERGED not in tests:
        return []
    merged = tests[MERGED]
    lines: dict[str, None] = {}
    for batch in pq.ParquetFile(path).iter_batches(batch_size=1000, columns=["problem_id", "tests"]):
        for problem, names in zip(batch.column(0).to_pylist(), batch.column(1).to_pylist(), strict=True):
            if problem not in merged:
                lines[f"{path.stem}: problem {problem} has no tests in {MERGED}"] = None
            elif names and (lost := [name for name in names if name not in merged[problem]]):
                lines[f"{path.stem}: problem {problem} lacks the tests {', '.join(lost[:5])} in {MERGED}"] = None
    return list(lines)
