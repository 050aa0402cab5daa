"""A rule that a contest's judge would sign: token by token, counts before values, numbers with a tolerance that scales.

- An output is UTF-8 text; output or expected output that isn't, is wrong.
- White space around the whole output and at the end of a line is ignored, and so are its amount between tokens and the
  kind of line ending (LF, CRLF, CR). Line structure counts: an expected output can't tell where it doesn't matter.
- The number of lines must be right, then the number of tokens of each line, then their values.
- A token that is a decimal fraction (``1.5``, ``2.``, ``1e3``), or stands where one is expected, is right within
  1e-6 of the expected value, absolute or relative to it. Everything else is compared as text: words, and integers,
  however huge, so ``007`` isn't ``7``. An integer of more than 15 digits is never compared with a fraction: a double
  can't hold it.
- NaN equals nothing, not even itself: a program that prints it has lost its way, and one can't tell where to.
- Nothing expected, nothing printed: right.
"""

from __future__ import annotations

import re

from sandbox.checkers.base import register
from sandbox.types import Check

TOLERANCE = 1e-6
"""Greatest error of a fraction, absolute or relative to the expected value."""

EXACT_DIGITS = 15
"""Integers of more digits don't all fit a double."""

_INTEGER = re.compile(rb"[+-]?[0-9]+")
_FRACTION = re.compile(rb"[+-]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][+-]?[0-9]+)?")
_NAN = re.compile(rb"(?<!\S)[+-]?nan(?:\(\w*\))?(?!\S)", re.IGNORECASE)

_WRONG = Check(False, 0.0)
_RIGHT = Check(True, 1.0)


def check(expected: bytes, actual: bytes) -> Check:
    """Right lines / expected lines; 0 where the number of lines differs, accepted if it is 1."""
    if not (_is_text(expected) and _is_text(actual)) or _has_nan(actual) or _has_nan(expected):
        return _WRONG
    if actual == expected:
        return _RIGHT
    wanted, lines = expected.strip().splitlines(), actual.strip().splitlines()
    if len(lines) != len(wanted):
        return _WRONG
    if not wanted:
        return _RIGHT
    right = sum(one == other or _equal_lines(one, other) for one, other in zip(wanted, lines, strict=True))
    return Check(right == len(wanted), right / len(wanted))


def _is_text(data: bytes) -> bool:
    if data.isascii():
        return True
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _has_nan(data: bytes) -> bool:
    # Nearly all outputs are settled by the substring search, which is a hundred times faster.
    return b"nan" in data.lower() and _NAN.search(data) is not None


def _equal_lines(expected: bytes, actual: bytes) -> bool:
    wanted, tokens = expected.split(), actual.split()
    return len(wanted) == len(tokens) and all(
        one == other or _equal_numbers(one, other) for one, other in zip(wanted, tokens, strict=True)
    )


def _equal_numbers(expected: bytes, actual: bytes) -> bool:
    """Whether two different tokens, at least one of them a fraction, stand for numbers within the tolerance."""
    kinds = {_kind(expected), _kind(actual)}
    if "fraction" not in kinds or "other" in kinds:
        return False
    wanted, value = float(expected), float(actual)
    # Infinity comes from an exponent beyond a double's: the difference is then infinite or NaN, and so is the bound.
    error = abs(wanted - value)
    return error < float("inf") and error <= TOLERANCE * max(1.0, abs(wanted))


def _kind(token: bytes) -> str:
    if _FRACTION.fullmatch(token):
        return "fraction"
    if _INTEGER.fullmatch(token) and len(token.lstrip(b"+-")) <= EXACT_DIGITS:
        return "integer"
    return "other"


STRICT = register("strict", "1", check)
