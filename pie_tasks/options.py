"""What a user chooses for a run, whichever command line it comes from."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pie_tasks.dataset import Split, load_split
from pie_tasks.prompts import STRATEGIES
from sandbox.environment import Environment, make
from sandbox.executors import check_name
from sandbox.programs import Programs
from sandbox.scheduler import DEFAULT_ENGINE, DEFAULT_TOOLCHAIN
from sandbox.types import SandboxError
from scorers.evaluate import Settings
from scorers.metrics.names import run_label


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
        accept_no_isolation: That the isolation may be ``none``; never taken from the environment.
        data_dir: Folder of the official files (``PIE_DATA_DIR``).
        executor: Where the workers are: ``local``, ``local-cluster`` or a Dask scheduler's address (``PIE_EXECUTOR``).
        all_tests: Run all tests also after a failure, for full accuracies.
        timing_tests: Time only so many tests of each problem (``PIE_TIMING_TESTS``); ``None`` times all.
    """

    split: str = "pie_mini"
    strategy: str = "instruct"
    k: int = 8
    engine: str = DEFAULT_ENGINE
    toolchain: str = DEFAULT_TOOLCHAIN
    isolation: str = "bubblewrap"
    accept_no_isolation: bool = False
    data_dir: str | None = None
    executor: str = "local"
    all_tests: bool = False
    timing_tests: int | None = None

    @classmethod
    def resolve(cls, values: Mapping[str, Any]) -> Options:
        """Options from ``values``, then from the environment, then from the defaults.

        Args:
            values: Any mapping; keys that aren't options are ignored, ``None`` means "not given".

        Raises:
            SandboxError: An option names something that doesn't exist, or ``k`` or ``timing_tests`` isn't a positive
                number.
        """
        variables = ("split", "engine", "toolchain", "isolation", "data_dir", "executor", "timing_tests")
        environment = {name: os.environ.get(f"PIE_{name.upper()}") for name in variables}
        chosen: dict[str, Any] = {name: value for name, value in environment.items() if value}
        chosen |= {name: values[name] for name in cls.__dataclass_fields__ if values.get(name) is not None}
        for name, value in chosen.items():
            if name in ("k", "timing_tests"):
                chosen[name] = _positive(name, value)
            elif name in ("all_tests", "accept_no_isolation"):
                chosen[name] = _yes_or_no(name, value)
            else:
                chosen[name] = str(value)
        options = cls(**chosen)
        STRATEGIES.get(options.strategy)
        check_name(options.executor)
        return options

    @property
    def label(self) -> str:
        """Split and engine, as they stand beside every printed and stored figure."""
        return run_label(self.split, self.engine, self.toolchain, self.isolation, self.timing_tests)

    def settings(self) -> Settings:
        """The shared scorer's settings."""
        return Settings(
            engine=self.engine,
            toolchain=self.toolchain,
            isolation=self.isolation,
            accept_no_isolation=self.accept_no_isolation,
            executor=self.executor,
            all_tests=self.all_tests,
            timing_tests=self.timing_tests,
        )

    def environment(self) -> Environment:
        """The sandbox for programs that are no candidates of a run."""
        return make(self.engine, self.toolchain, isolation=self.isolation, accept_no_isolation=self.accept_no_isolation)

    def programs(self) -> Programs:
        """Compiles and runs programs without a clock."""
        return Programs(self.toolchain, self.isolation, accept_no_isolation=self.accept_no_isolation)

    def load(self) -> Split:
        """The chosen split.

        Raises:
            SandboxError: It doesn't exist or can't be read.
        """
        return load_split(self.split, self.folder)

    def load_scored(self) -> Split:
        """The chosen split, if its pairs can be scored.

        Raises:
            SandboxError: It doesn't exist, can't be read, or has a pair twice, as training splits may.
        """
        split = self.load()
        if len({row.pair_id for row in split.rows}) < len(split.rows):
            raise SandboxError(f"split {split.name} has pairs more than once, so it can't be scored")
        return split

    @property
    def folder(self) -> Path | None:
        """The data folder, where one is chosen."""
        return Path(self.data_dir).expanduser() if self.data_dir else None


def _yes_or_no(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise SandboxError(f"{name} must be true or false, not {value!r}")
    return value


def _positive(name: str, value: Any) -> int:
    if isinstance(value, bool) or not str(value).isdecimal() or int(value) < 1:
        raise SandboxError(f"{name} must be a whole number of at least 1, not {value!r}")
    return int(value)
