"""What a flag is: a suspicion about one candidate, raised by a pure function of what scoring knows anyway.

A flag changes no verdict, no speedup and no figure but those that count flags.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sandbox.registry import Registry
from sandbox.types import Verdict
from scorers.types import Pair


@dataclass(frozen=True)
class Evidence:
    """What detectors look at.

    Attributes:
        code: The candidate's program.
        pair: The slow program that it shall replace, its tests, and what humans reached.
        verdicts: Checker name -> the candidate's verdict.
        speedup: Source time / candidate time under the headline checker.
    """

    code: str
    pair: Pair
    verdicts: Mapping[str, Verdict]
    speedup: float


Detector = Callable[[Evidence], bool]


@dataclass(frozen=True)
class Flag:
    """A detector with its name.

    Attributes:
        name: As it stands in results.
        meaning: One line for people.
        raised: Whether the evidence raises it.
    """

    name: str
    meaning: str
    raised: Detector


FLAGS: Registry[Flag] = Registry("flag")


def register(name: str, meaning: str) -> Callable[[Detector], Detector]:
    """Decorator that enters a detector in :data:`FLAGS`."""

    def enter(detector: Detector) -> Detector:
        FLAGS.register(name)(Flag(name, meaning, detector))
        return detector

    return enter
