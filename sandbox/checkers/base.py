"""What a checker is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from sandbox.registry import Registry
from sandbox.types import Check


class Rule(Protocol):
    """A rule of correctness. It is a pure function of two byte strings and never raises."""

    def __call__(self, expected: bytes, actual: bytes) -> Check:
        """The opinion of ``actual``, the output of a program that ended with status 0."""


@dataclass(frozen=True)
class Checker:
    """A named rule.

    Attributes:
        name: As users say it.
        version: Changes whenever the rule gives another opinion of any output; stored opinions depend on it.
        check: The rule: ``check(expected, actual)``.
    """

    name: str
    version: str
    check: Rule


CHECKERS: Registry[Checker] = Registry("checker")


def register(name: str, version: str, rule: Rule) -> Checker:
    """Make a checker of ``rule`` and enter it in :data:`CHECKERS`."""
    return CHECKERS.register(name)(Checker(name, version, rule))
