"""Does a training pair give away what is asked in the test or validation split?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from pie_tasks.dataset import PieRow, Split
from pie_tasks.training.near import NearIndex
from pie_tasks.training.normalise import normal_form


class Leak(str, Enum):
    """Why a training pair is a leak."""

    SAME_PROBLEM = "same_problem"
    SAME_PROGRAM = "same_program"
    NEAR_DUPLICATE = "near_duplicate"


@dataclass(frozen=True)
class Finding:
    """A leak.

    Attributes:
        pair_id: The training pair.
        leak: What kind it is.
        where: The split and what of it is given away.
    """

    pair_id: str
    leak: Leak
    where: str


class LeakCheck:
    """Knows all programs of the splits that training data must not show.

    A program is the same if it differs in names, layout and comments only, and a near duplicate if most of its runs of
    tokens are the same (:mod:`pie_tasks.training.near`). Both programs of a pair are held against both of every held-out
    pair.

    Args:
        held_out: Test and validation splits.
    """

    def __init__(self, held_out: Iterable[Split]) -> None:
        self._problems: dict[str, str] = {}
        self._programs: dict[tuple[str, ...], str] = {}
        for split in held_out:
            for row in split.rows:
                self._problems.setdefault(row.problem_id, f"{split.name}, problem {row.problem_id}")
                for program_id, code in ((row.src_id, row.src_code), (row.tgt_id, row.tgt_code)):
                    where = f"{split.name}, problem {row.problem_id}, program {program_id}"
                    self._programs.setdefault(normal_form(code), where)
        self._near = NearIndex({where: tokens for tokens, where in self._programs.items()})

    def find(self, row: PieRow) -> Finding | None:
        """The first leak of a training pair, or ``None``."""
        if row.problem_id in self._problems:
            return Finding(row.pair_id, Leak.SAME_PROBLEM, self._problems[row.problem_id])
        return self.find_programs(row.pair_id, (row.src_code, row.tgt_code))

    def find_programs(self, pair_id: str, programs: Sequence[str]) -> Finding | None:
        """The first leak of some programs, whatever their problem."""
        forms = [normal_form(code) for code in programs]
        for form in forms:
            if form in self._programs:
                return Finding(pair_id, Leak.SAME_PROGRAM, self._programs[form])
        for form in forms:
            near = self._near.nearest(form)
            if near is not None:
                return Finding(pair_id, Leak.NEAR_DUPLICATE, f"{near[0]} (similarity {near[1]:.2f})")
        return None
