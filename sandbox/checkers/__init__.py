"""Checkers: whether an output is right. One rule a file, found by name in :data:`CHECKERS`."""

from sandbox.checkers import pie_compat, strict
from sandbox.checkers.base import CHECKERS, Checker

__all__ = ["CHECKERS", "Checker", "pie_compat", "strict"]
