"""A self-play run's folder: one file of JSON lines a stage, and what the run was started with.

A line is written when its work is done, with what became of it: ``dropped`` holds the reason, or ``null``. So a stage that
is started again knows what is left to do, and every count of the funnel is a count of lines.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pie_tasks.dataset.rows import read_json_lines
from sandbox.types import SandboxError

STAGES = ("generate", "novel", "optimise", "select")
CONFIG = "run.json"


class Workspace:
    """The folder of one run.

    Args:
        folder: Made where it is missing.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def start(self, stage: str, options: Mapping[str, Any]) -> None:
        """Note a stage's options; when it is started again, they must be the same.

        Raises:
            SandboxError: They differ, or the folder can't be written.
        """
        config = self.config()
        plain = json.loads(json.dumps(options))
        known = config.get(stage)
        if known is not None and known != plain:
            name = next(name for name in {**known, **plain} if known.get(name) != plain.get(name))
            raise SandboxError(
                f"{self.folder}: stage {stage} was started with {name} = {known.get(name)!r}, not {plain.get(name)!r};"
                " give the same options to go on, or another folder"
            )
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            temporary = self.folder / f"{CONFIG}.new"
            temporary.write_text(json.dumps({**config, stage: plain}, indent=1) + "\n", encoding="utf-8")
            temporary.replace(self.folder / CONFIG)
        except OSError as error:
            raise SandboxError(f"can't write {self.folder}: {error.strerror}") from None

    def config(self) -> dict[str, Any]:
        """Stage -> its options, for those that were started."""
        path = self.folder / CONFIG
        if not path.exists():
            return {}
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise SandboxError(f"{path} is damaged: {error}") from None
        return dict(content)

    def options(self, stage: str) -> dict[str, Any]:
        """A stage's options.

        Raises:
            SandboxError: It was never started.
        """
        try:
            return dict(self.config()[stage])
        except KeyError:
            raise SandboxError(f"{self.folder}: run 'pie selfplay {stage}' first") from None

    def read(self, stage: str) -> list[dict[str, Any]]:
        """A stage's lines in the order of their ids. A line that a kill cut off isn't one."""
        path = self.path(stage)
        if not path.exists():
            return []
        self._mend(path)
        return sorted((raw for _, raw in read_json_lines(path)), key=lambda line: (line["id"], line.get("sample", 0)))

    def add(self, stage: str, lines: Iterable[Mapping[str, Any]]) -> None:
        """Add lines, so that they are on the disk when this returns."""
        with self.path(stage).open("a", encoding="utf-8") as file:
            for line in lines:
                file.write(json.dumps(line) + "\n")
            file.flush()
            os.fsync(file.fileno())

    def keep(self, stage: str, lines: Iterable[Mapping[str, Any]]) -> None:
        """Let a stage's file hold these lines alone."""
        temporary = self.path(stage).with_suffix(".new")
        temporary.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
        temporary.replace(self.path(stage))

    def path(self, stage: str) -> Path:
        """A stage's file."""
        return self.folder / f"{stage}.jsonl"

    def _mend(self, path: Path) -> None:
        data = path.read_bytes()
        if data and not data.endswith(b"\n"):
            with path.open("r+b") as file:
                file.truncate(data.rfind(b"\n") + 1)
