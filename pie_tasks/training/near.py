"""Near duplicates among programs: share of common runs of five tokens of their normal forms, exactly, not estimated.

What is searched (test and validation programs) is small, so an inverted index with a prefix filter finds every near
duplicate at less than the cost of lexing; nothing has to be estimated as with MinHash.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence

_OWN = re.compile(r"v\d+")
RUN = 5
THRESHOLD = 0.8
"""Jaccard similarity from which programs count as near duplicates. Programs of different problems among the published
validation rows stay below 0.7 but for two problems that ask for the same (the cube of a number)."""


def runs(tokens: Sequence[str]) -> frozenset[tuple[str, ...]]:
    """All runs of :data:`RUN` neighbouring tokens; the whole of a program that is shorter.

    The program's own names are all one here: a single inserted declaration would renumber all that follow.
    """
    tokens = ["v" if _OWN.fullmatch(token) else token for token in tokens]
    return frozenset(tuple(tokens[i : i + RUN]) for i in range(max(1, len(tokens) - RUN + 1)))


class NearIndex:
    """Programs that can be asked for a near duplicate.

    Args:
        programs: Name -> normal form (:func:`pie_tasks.training.normalise.normal_form`).
        threshold: Jaccard similarity from which a program counts.
    """

    def __init__(self, programs: Mapping[str, Sequence[str]], threshold: float = THRESHOLD) -> None:
        self._threshold = threshold
        self._runs = {name: runs(tokens) for name, tokens in programs.items()}
        self._holders: dict[tuple[str, ...], list[str]] = defaultdict(list)
        for name, own in self._runs.items():
            for run in own:
                self._holders[run].append(name)

    def nearest(self, tokens: Sequence[str]) -> tuple[str, float] | None:
        """The most similar program at or above the threshold, with its similarity; the first of equal ones."""
        own = runs(tokens)
        # At least threshold·|own| runs are shared with a near duplicate, so any |own| - that + 1 of them include one.
        rare = sorted(own, key=lambda run: (len(self._holders.get(run, ())), run))
        prefix = rare[: len(own) - math.ceil(self._threshold * len(own)) + 1]
        candidates = dict.fromkeys(name for run in prefix for name in self._holders.get(run, ()))
        scored = [(len(own & self._runs[name]) / len(own | self._runs[name]), name) for name in candidates]
        best = max(scored, key=lambda pair: (pair[0], pair[1]), default=(0.0, ""))
        return (best[1], best[0]) if best[0] >= self._threshold else None
