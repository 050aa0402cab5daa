"""Test cases in the published layout: ``<folder>/pNNNNN/input.N.txt`` and ``output.N.txt``.

The authors publish two such folders: ``merged_test_cases`` (about 100 tests a problem; the ``tests`` column of
``test.jsonl`` indexes it and the paper's numbers come from it) and ``public_test_cases`` (one to five a problem). Their
indices don't correspond, so one never stands in for the other: a split's name says which it uses.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from sandbox.types import SandboxError, TestCase

MERGED = "merged_test_cases"
PUBLIC = "public_test_cases"

_SHOWN = 5  # names in one message


class ProblemTests(Protocol):
    """Where a split's tests come from: :class:`TestFolder`, or :class:`pie_tasks.dataset.imported.ImportedTests`."""

    @property
    def kind(self) -> str:
        """Which test cases these are: :data:`MERGED`, :data:`PUBLIC` or another folder's name."""

    def names(self, problem_id: str) -> tuple[str, ...]:
        """See :meth:`TestFolder.names`."""

    def require(self, problem_id: str, names: tuple[str, ...] = ()) -> tuple[str, ...]:
        """See :meth:`TestFolder.require`."""

    def load(self, problem_id: str, names: tuple[str, ...] = ()) -> tuple[TestCase, ...]:
        """See :meth:`TestFolder.load`."""

    def sha256(self, problem_id: str, names: tuple[str, ...] = ()) -> str:
        """See :meth:`TestFolder.sha256`."""


@dataclass(frozen=True, eq=False)
class TestFolder:
    """The tests of all problems. Files are read when asked for and kept.

    Args:
        path: The folder that holds one folder a problem.
    """

    __test__ = False  # the field's term; tells pytest that this is no test class

    path: Path
    _kept: dict[tuple[str, str], TestCase] = field(default_factory=dict, repr=False)

    @property
    def kind(self) -> str:
        """Which test cases these are: the folder's name."""
        return self.path.name

    def names(self, problem_id: str) -> tuple[str, ...]:
        """Names of all tests of a problem, in the order of their numbers.

        Raises:
            SandboxError: The problem has no folder, or the folder has no tests.
        """
        folder = self._problem(problem_id)
        names = {f.name[len("input.") : -len(".txt")] for f in folder.glob("input.*.txt")}
        numbers = sorted((name for name in names if name.isdecimal()), key=lambda name: (int(name), name))
        if not numbers:
            raise SandboxError(f"problem {problem_id} has no tests: {folder} holds no input.N.txt")
        return tuple(numbers)

    def require(self, problem_id: str, names: tuple[str, ...] = ()) -> tuple[str, ...]:
        """The given names, or all where none is given, after looking that their files exist. Reads none.

        Raises:
            SandboxError: A file is missing; the message names it.
        """
        folder = self._problem(problem_id)
        wanted = names or self.names(problem_id)
        files = (f"{kind}.{name}.txt" for name in wanted for kind in ("input", "output"))
        missing = [file for file in files if not (folder / file).is_file()]
        if missing:
            more = f" and {len(missing) - _SHOWN} more" if len(missing) > _SHOWN else ""
            raise SandboxError(
                f"problem {problem_id}: test files are missing in {folder}: {', '.join(missing[:_SHOWN])}{more}"
            )
        return wanted

    def load(self, problem_id: str, names: tuple[str, ...] = ()) -> tuple[TestCase, ...]:
        """The named tests of a problem in the given order; all of them where no name is given.

        Raises:
            SandboxError: A test is missing or can't be read; the message names it.
        """
        return tuple(self._case(problem_id, name) for name in self.require(problem_id, names))

    def sha256(self, problem_id: str, names: tuple[str, ...] = ()) -> str:
        """SHA-256 of the named tests' names and contents. Reads them without keeping them.

        Raises:
            SandboxError: As :meth:`load`.
        """
        digest = hashlib.sha256()
        for name in self.require(problem_id, names):
            case = self._kept.get((problem_id, name)) or self._read(problem_id, name)
            digest.update(f"{name}\0{case.input_sha256}\0{case.expected_sha256}\0".encode())
        return digest.hexdigest()

    def _problem(self, problem_id: str) -> Path:
        if not self.path.is_dir():
            raise SandboxError(
                f"no test cases: {self.path} is not a folder; unpack the published archive there or set PIE_DATA_DIR"
            )
        folder = self.path / problem_id
        if not folder.is_dir():
            raise SandboxError(f"problem {problem_id} has no tests: {folder} is not a folder")
        return folder

    def _case(self, problem_id: str, name: str) -> TestCase:
        key = (problem_id, name)
        if key not in self._kept:
            self._kept[key] = self._read(problem_id, name)
        return self._kept[key]

    def _read(self, problem_id: str, name: str) -> TestCase:
        folder = self.path / problem_id
        try:
            return TestCase(
                name, (folder / f"input.{name}.txt").read_bytes(), (folder / f"output.{name}.txt").read_bytes()
            )
        except OSError as error:
            raise SandboxError(f"can't read test {name} of {folder}: {error.strerror or error}") from None
