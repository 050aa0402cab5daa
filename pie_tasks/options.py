"""What a user chooses for a run, whichever command line it comes from."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pie_tasks.dataset import Split, load_split
from pie_tasks.prompts import STRATEGIES
from sandbox.types import SandboxError
from scorers.evaluate import DEFAULT_ENGINE, DEFAULT_TOOLCHAIN, Settings


@dataclass(frozen=True)
class Options:
    """One run's choices. Each but ``k`` and ``strategy`` takes its default from an environment variable.

    Attributes:
        split: Name of the data set split (``PIE_SPLIT``).
        strategy: Name of the prompt strategy.
        k: Samples drawn for each pair.
        engine: What measures time (``PIE_ENGINE``).
        toolchain: Toolchain root that compiles and runs (``PIE_TOOLCHAIN``).
        isolation: What contains the programs (``PIE_ISOLATION``).
        data_dir: Folder of the official files (``PIE_DATA_DIR``).
    """

    split: str = "pie_mini"
    strategy: str = "instruct"
    k: int = 8
    engine: str = DEFAULT_ENGINE
    toolchain: str = DEFAULT_TOOLCHAIN
    isolation: str = "bubblewrap"
    data_dir: str | None = None

    @classmethod
    def resolve(cls, values: Mapping[str, Any]) -> Options:
        """Options from ``values``, then from the environment, then from the defaults.

        Args:
            values: Any mapping; keys that aren't options are ignored, ``None`` means "not given".

        Raises:
            SandboxError: An option names something that doesn't exist, or ``k`` isn't a positive number.
        """
        variables = ("split", "engine", "toolchain", "isolation", "data_dir")
        environment = {name: os.environ.get(f"PIE_{name.upper()}") for name in variables}
        chosen: dict[str, Any] = {name: value for name, value in environment.items() if value}
        chosen |= {name: values[name] for name in cls.__dataclass_fields__ if values.get(name) is not None}
        k = chosen.pop("k", cls.k)
        if isinstance(k, bool) or not str(k).isdecimal() or int(k) < 1:
            raise SandboxError(f"k must be a whole number of at least 1, not {k!r}")
        options = cls(k=int(k), **{name: str(value) for name, value in chosen.items()})
        STRATEGIES.get(options.strategy)
        return options

    @property
    def label(self) -> str:
        """Split and engine, as they stand beside every printed and stored figure."""
        return f"{self.split}/{self.engine}" + ("" if self.toolchain == "host" else f"@{self.toolchain}")

    def settings(self) -> Settings:
        """The shared scorer's settings."""
        return Settings(engine=self.engine, toolchain=self.toolchain, isolation=self.isolation)

    def load(self) -> Split:
        """The chosen split.

        Raises:
            SandboxError: It doesn't exist or can't be read.
        """
        return load_split(self.split, self.folder)

    @property
    def folder(self) -> Path | None:
        """The data folder, where one is chosen."""
        return Path(self.data_dir).expanduser() if self.data_dir else None
