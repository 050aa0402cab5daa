"""Data sets by name, and the split that a name stands for.

========================  ==============================================================================================
``pie_mini``              bundled, works offline
``pie_test``              ``test.jsonl`` of the data folder (``PIE_DATA_DIR``)
``pie_val``               ``val.jsonl``
``pie_train``             ``train.jsonl``
``pie_train_hq``          ``train_hq_only.jsonl``
``pie_train_hq_synthetic``  ``train_hq_and_synthetic.jsonl``
``pie_test_public``,      the same rows, with all the public test cases of a problem in place of the merged ones
``pie_val_public``
``hub:ID`` or             split ``test`` (or SPLIT) of a hub data set or of a local folder in a format that the
``hub:ID:SPLIT``          ``datasets`` library loads; test cases come from the data folder
========================  ==============================================================================================
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pie_tasks.dataset.manifest import MANIFEST, is_imported
from pie_tasks.dataset.rows import PieRow, parse_row, read_rows
from pie_tasks.dataset.tests import MERGED, PUBLIC, ProblemTests, TestFolder
from sandbox.registry import Registry
from sandbox.types import SandboxError, TestCase
from scorers.types import Pair

if TYPE_CHECKING:
    import datasets

DATA_DIR_VARIABLE = "PIE_DATA_DIR"
HUB_PREFIX = "hub:"
MINI_DIR = Path(__file__).parent / "mini"


@dataclass(frozen=True)
class Published:
    """What the paper says of a split.

    Attributes:
        pairs: Rows.
        problems: Distinct problems.
        median_tests: Median number of tests of a problem, in the merged test cases.
    """

    pairs: int
    problems: int
    median_tests: float | None = None


@dataclass(frozen=True)
class DatasetSpec:
    """What a data set's name stands for.

    Attributes:
        file: The file of rows in the data folder.
        tests: The folder of test cases in the data folder.
        train: Name of the data set whose pairs prompts may show; ``None`` for a training set, which is its own.
        bundled: Whether the data folder is the one in this package.
        published: Sizes in the paper, where it names them.
    """

    file: str
    tests: str = MERGED
    train: str | None = None
    bundled: bool = False
    published: Published | None = None


DATASETS: Registry[DatasetSpec] = Registry("split")

_TEST = Published(pairs=978, problems=41, median_tests=104)
_VAL = Published(pairs=2544, problems=77, median_tests=75)
_TRAIN = Published(pairs=77967, problems=1474, median_tests=82.5)

for _name, _spec in {
    "pie_mini": DatasetSpec("test.jsonl", train="pie_mini_train", bundled=True),
    "pie_mini_train": DatasetSpec("train.jsonl", bundled=True),
    "pie_test": DatasetSpec("test.jsonl", train="pie_train", published=_TEST),
    "pie_test_public": DatasetSpec("test.jsonl", PUBLIC, train="pie_train", published=_TEST),
    "pie_val": DatasetSpec("val.jsonl", train="pie_train", published=_VAL),
    "pie_val_public": DatasetSpec("val.jsonl", PUBLIC, train="pie_train", published=_VAL),
    "pie_train": DatasetSpec("train.jsonl", published=_TRAIN),
    "pie_train_hq": DatasetSpec("train_hq_only.jsonl"),
    "pie_train_hq_synthetic": DatasetSpec("train_hq_and_synthetic.jsonl"),
}.items():
    DATASETS.register(_name)(_spec)


@dataclass(frozen=True, eq=False)
class Split:
    """The rows of one split with their tests. Equal to itself alone, so that indexes can be kept for it.

    Attributes:
        name: The name that stands in every result.
        rows: Its pairs, in the file's order.
        tests: Where their tests are, or ``None`` where no folder is known.
        published: Sizes in the paper, where it names them.
    """

    name: str
    rows: tuple[PieRow, ...]
    tests: ProblemTests | None
    load_train: Callable[[], Split] | None = None
    published: Published | None = None

    @cached_property
    def train(self) -> Split:
        """The training pairs that prompts may show, loaded when first asked for. A training split is its own.

        Raises:
            SandboxError: Their file is missing or damaged.
        """
        return self.load_train() if self.load_train else self

    @property
    def folder(self) -> ProblemTests:
        """Where the tests are.

        Raises:
            SandboxError: No folder is known.
        """
        if self.tests is None:
            raise SandboxError(
                f"split {self.name} has no test cases; set {DATA_DIR_VARIABLE} to the folder that holds {MERGED}"
            )
        return self.tests

    @cached_property
    def content_sha256(self) -> str:
        """SHA-256 of all rows and all tests that they name; reads every test once.

        Raises:
            SandboxError: A test is missing.
        """
        digest = hashlib.sha256()
        for row in self.rows:
            digest.update(json.dumps(astuple(row), ensure_ascii=True).encode() + b"\n")
        for problem_id, names in sorted({(row.problem_id, self.test_names(row)) for row in self.rows}):
            digest.update(f"{problem_id} {self.folder.sha256(problem_id, names)}\n".encode())
        return digest.hexdigest()

    def row(self, pair_id: str) -> PieRow:
        """The row of a pair.

        Raises:
            SandboxError: The split has no such pair.
        """
        try:
            return self._by_id[pair_id]
        except KeyError:
            raise SandboxError(f"split {self.name} has no pair {pair_id!r}") from None

    def pair(self, row: PieRow) -> Pair:
        """What scoring needs of a row, with its tests. Rows of one problem share their test cases.

        Raises:
            SandboxError: Tests are missing or unreadable; the message names the pair and the tests.
        """
        fastest = self._fastest.get(row.problem_id)
        best = row.src_agg_runtime / fastest if fastest and row.src_agg_runtime else None
        return Pair(row.pair_id, row.problem_id, row.src_code, self._tests(row), best)

    def test_names(self, row: PieRow) -> tuple[str, ...]:
        """Names of the tests that score a row; empty for all of its problem.

        The ``tests`` column numbers the merged test cases, so it says nothing about any other folder.
        """
        return row.tests if self.folder.kind == MERGED else ()

    def to_hf(self) -> datasets.Dataset:
        """The split as a Hugging Face data set with what may stand in a framework's sample log: no test contents.

        Columns: ``pair_id``, ``problem_id``, ``src_id``, ``tgt_id``, ``src_code``, ``tgt_code``, ``split``.
        """
        import datasets

        columns = ("pair_id", "problem_id", "src_id", "tgt_id", "src_code", "tgt_code")
        table: dict[str, list[str]] = {name: [getattr(row, name) for row in self.rows] for name in columns}
        table["split"] = [self.name] * len(self.rows)
        return datasets.Dataset.from_dict(table)

    @cached_property
    def _by_id(self) -> dict[str, PieRow]:
        return {row.pair_id: row for row in self.rows}

    @cached_property
    def _fastest(self) -> dict[str, float]:
        """Problem -> least recorded time of a human program that the rows know, in seconds."""
        fastest: dict[str, float] = {}
        for row in self.rows:
            for seconds in (row.fastest_agg_runtime, row.tgt_agg_runtime, row.src_agg_runtime):
                if seconds:
                    fastest[row.problem_id] = min(seconds, fastest.get(row.problem_id, seconds))
        return fastest

    def _tests(self, row: PieRow) -> tuple[TestCase, ...]:
        try:
            return self.folder.load(row.problem_id, self.test_names(row))
        except SandboxError as error:
            raise SandboxError(f"split {self.name}, pair {row.pair_id}: {error}") from None


def load_split(name: str, data_dir: Path | None = None, train: str | None = None) -> Split:
    """The split called ``name``. Loaded once a process while its file stays the same.

    Args:
        name: One of :data:`DATASETS`, or ``hub:ID[:SPLIT]``.
        data_dir: Folder of the official files; ``PIE_DATA_DIR`` where omitted.
        train: Name of the split whose pairs prompts may show, where it isn't the default one.

    Raises:
        SandboxError: The name is unknown, a file is missing or damaged; one line says which and what to do.
    """
    folder = data_dir or _folder_from_environment()
    if name.startswith(HUB_PREFIX):
        return _load_hub(name, folder, train)
    spec = DATASETS.get(name)
    path = _rows_file(name, spec, folder)
    if not spec.bundled and is_imported(path.parent):
        manifest = path.parent / MANIFEST
        return _load_imported(name, path.parent, manifest.stat().st_mtime_ns if manifest.exists() else 0, train)
    try:
        status = path.stat()
    except OSError as error:
        raise SandboxError(f"split {name}: can't read {path}: {error.strerror or error}") from None
    return _load_file(name, path, (status.st_mtime_ns, status.st_size), folder, train)


def _folder_from_environment() -> Path | None:
    value = os.environ.get(DATA_DIR_VARIABLE)
    return Path(value).expanduser() if value else None


def _rows_file(name: str, spec: DatasetSpec, folder: Path | None) -> Path:
    if spec.bundled:
        return MINI_DIR / spec.file
    if folder is None:
        raise SandboxError(
            f"split {name} needs the official files; set {DATA_DIR_VARIABLE} to the folder that holds {spec.file}"
        )
    if not folder.is_dir():
        raise SandboxError(f"split {name}: the data folder {folder} doesn't exist; correct {DATA_DIR_VARIABLE}")
    return folder / spec.file


@lru_cache(maxsize=8)
def _load_file(name: str, path: Path, _stamp: tuple[int, int], folder: Path | None, train: str | None) -> Split:
    spec = DATASETS.get(name)
    train_name = train or spec.train
    return Split(
        name=name,
        # Training pairs are examples, not scored one by one; a repeated one does no harm.
        rows=read_rows(path, unique=spec.train is not None),
        tests=TestFolder(path.parent / spec.tests),
        load_train=(lambda: load_split(train_name, folder)) if train_name else None,
        published=spec.published,
    )


@lru_cache(maxsize=8)
def _load_imported(name: str, folder: Path, _stamp: int, train: str | None) -> Split:
    from pie_tasks.dataset.imported.reader import ImportedTests, read_imported_rows

    spec = DATASETS.get(name)
    train_name = train or spec.train
    return Split(
        name=name,
        rows=read_imported_rows(folder, Path(spec.file).stem),
        tests=ImportedTests(folder, spec.tests),
        load_train=(lambda: load_split(train_name, folder)) if train_name else None,
        published=spec.published,
    )


@lru_cache(maxsize=8)
def _load_hub(name: str, folder: Path | None, train: str | None) -> Split:
    source, _, part = name.removeprefix(HUB_PREFIX).partition(":")
    part = part or "test"
    train_name = train or (f"{HUB_PREFIX}{source}:train" if part != "train" else None)
    return Split(
        name=name,
        rows=_hub_rows(name, source, part),
        tests=TestFolder(folder / MERGED) if folder else None,
        load_train=(lambda: load_split(train_name, folder)) if train_name else None,
    )


def _hub_rows(name: str, source: str, part: str) -> tuple[PieRow, ...]:
    import datasets

    try:
        table: Sequence[Mapping[str, Any]] = datasets.load_dataset(source, split=part)
    except Exception as error:  # the library and its many back ends document no common error
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise SandboxError(f"split {name}: can't load split {part!r} of data set {source!r}: {reason}") from None
    rows = tuple(parse_row(raw, f"{name}, row {number}") for number, raw in enumerate(table))
    ids = {row.pair_id for row in rows}
    if part != "train" and len(ids) < len(rows):
        raise SandboxError(f"split {name}: {len(rows) - len(ids)} rows repeat a pair; remove them from the data set")
    return rows
