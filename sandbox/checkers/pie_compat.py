"""The published rule: line by line, Python's idea of a line and of a number, quirks included.

What follows from it and may surprise:

- lines beyond the expected ones are ignored; missing lines are wrong;
- white space counts inside a text line, also at its end, but neither around the whole output nor around a number;
- everything that Python's ``float`` reads is a number, ``1_000`` too; ``nan`` equals only the same text;
- integers are compared as doubles with a tolerance of 1e-3, so 2**60 and 2**60 + 1 are equal;
- a test without expected lines can't be passed, and output that isn't UTF-8 is wrong.

Source: ``get_accuracy`` of the evaluation script published with the paper (github.com/LearningOpt/pie). It reads files
with universal newlines; ``splitlines`` alone cuts such text at the same places.
"""

from __future__ import annotations

from sandbox.checkers.base import register
from sandbox.types import Check

TOLERANCE = 1e-3
"""Two numbers are equal if they differ by less."""

_WRONG = Check(False, 0.0)
_RIGHT = Check(True, 1.0)


def check(expected: bytes, actual: bytes) -> Check:
    """Right lines / expected lines; accepted if that is 1."""
    try:
        wanted_text = expected.decode().strip()
        if actual == expected:
            return _RIGHT if wanted_text else _WRONG
        lines = actual.decode().strip().splitlines()
    except UnicodeDecodeError:
        return _WRONG
    wanted = wanted_text.splitlines()
    if not wanted:
        return _WRONG
    right = sum(one == other or _equal_numbers(one, other) for one, other in zip(lines, wanted, strict=False))
    return Check(right == len(wanted), right / len(wanted))


def _equal_numbers(one: str, other: str) -> bool:
    try:
        return abs(float(one) - float(other)) < TOLERANCE
    except ValueError:
        return False


PIE_COMPAT = register("pie_compat", "1", check)
