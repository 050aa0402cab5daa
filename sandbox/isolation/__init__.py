"""What contains hostile programs: a registry of isolations, one a file."""

from __future__ import annotations

import os
from collections.abc import Callable

from sandbox.isolation.base import Command, Completed, Isolation, ProcessLimits
from sandbox.registry import Registry
from sandbox.types import SandboxError

ISOLATIONS: Registry[Callable[[], Isolation]] = Registry("isolation")

ALLOWED = "HF_ALLOW_CODE_EVAL"
"""The variable by which Hugging Face's ``evaluate`` lets a model's code run: the machine's word, not the run's."""


def make_isolation(name: str, accept_no_isolation: bool = False) -> Isolation:
    """The isolation called ``name``. Whoever runs programs gets it here, so nothing goes around the acknowledgement.

    Args:
        name: A registered name.
        accept_no_isolation: That whoever runs the programs wants them run without containment, should ``name`` be
            ``none``. It isn't read from results, logs or the environment.

    Raises:
        SandboxError: There is none of that name, or programs would run without containment unasked.
    """
    from sandbox.isolation import bubblewrap, docker, none  # noqa: F401  (they register themselves)

    isolation = ISOLATIONS.get(name)()
    if not isolation.contains and not (accept_no_isolation is True and os.environ.get(ALLOWED) == "1"):
        raise SandboxError(
            f"isolation '{name}' runs a model's programs as you, without containment; if you want that, give the "
            f"option accept_no_isolation (--accept-no-isolation on pie's command line) and set {ALLOWED}=1"
        )
    return isolation


__all__ = ["ISOLATIONS", "Command", "Completed", "Isolation", "ProcessLimits", "make_isolation"]
