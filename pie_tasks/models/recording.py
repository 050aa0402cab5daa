"""The samples behind both replay models."""

from __future__ import annotations

from pathlib import Path

from pie_tasks.generations import BUNDLED, read_generations
from sandbox.types import SandboxError


class Recording:
    """A file of recorded generations.

    Args:
        path: The file; the bundled answers for ``pie_mini`` where omitted.

    Raises:
        SandboxError: The file can't be read.
    """

    def __init__(self, path: str | Path | None = None) -> None:
        self.path = Path(path).expanduser() if path else BUNDLED
        self._generations = read_generations(self.path)

    def sample(self, pair_id: str, index: int) -> str:
        """Sample ``index``, counted from 0, of a pair.

        Raises:
            SandboxError: The file has no such sample.
        """
        samples = self._generations.get(pair_id)
        if samples is None:
            raise SandboxError(f"{self.path} has no generations for pair {pair_id}; was it made for another split?")
        if index >= len(samples):
            raise SandboxError(
                f"{self.path} has {len(samples)} generations for pair {pair_id}; sample {index + 1} is asked for"
            )
        return samples[index]
