"""Compilers' messages in one line."""

from __future__ import annotations

_LENGTH = 200


def brief(message: str) -> str:
    """The first line of ``message`` that speaks of an error, or else its first."""
    lines = message.splitlines() or [""]
    return next((line for line in lines if "error" in line), lines[0])[:_LENGTH]
