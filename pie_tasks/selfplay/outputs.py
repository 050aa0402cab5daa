"""What programs print on a common set of inputs: the ground on which two of them are the same."""

from __future__ import annotations

from collections.abc import Sequence

from sandbox.programs import Executed
from sandbox.types import sha256, succeeded

Outputs = tuple[str | None, ...]
"""For each input a hash of the output up to white space at line ends; ``None`` where the program failed."""

MIN_SHARED = 3
"""Fewest inputs that two programs must both manage before equal outputs mean anything."""


def outputs_of(executed: Executed) -> Outputs:
    """The outputs of a program that compiled."""
    return tuple(_hash(run.stdout) if succeeded(run) else None for run in executed.runs)


def same_outputs(one: Outputs, other: Outputs, where: Sequence[int]) -> bool:
    """Whether two programs print the same on every input of ``where`` that both manage."""
    shared = [index for index in where if one[index] is not None and other[index] is not None]
    return len(shared) >= min(MIN_SHARED, len(where)) and all(one[index] == other[index] for index in shared)


def _hash(output: bytes) -> str:
    return sha256(b"\n".join(line.rstrip() for line in output.strip().splitlines()))
