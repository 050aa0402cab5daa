"""The hostile programs and the verdict that each must get.

A program says it in its first lines::

    // What it tries.
    // verdict: accepted            under both checkers and every engine, unless one of these says otherwise:
    // strict: wrong_answer         another one under the checker strict
    // cachegrind: runtime_error    another one under this engine
    // docker: runtime_error        another one in this isolation
    // raw                          it is a whole program, without prelude.cpp
    // ticks: honest                no faster than a program that does nothing else
    // message: No such file        its message holds this
    // needs: limits_tree           only where the isolation has this property
    // lasts                        it runs for about a minute, so it should begin first

A breach prints another answer. So ``accepted`` means that the attack failed and the program went on as if nothing were.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sandbox.types import Status, TestCase

FOLDER = Path(__file__).parent / "programs"
PRELUDE = (Path(__file__).parent / "prelude.cpp").read_text()
TESTS = tuple(TestCase(str(n), b"%d\n" % n, b"%d\n" % (2 * n)) for n in (3, 5))
HONEST = PRELUDE + "bool attack() { return false; }\n"
NO_TEXT = "\udcff\x00\ud800"


@dataclass(frozen=True)
class Program:
    """One hostile program.

    Attributes:
        name: ``family/name``.
        text: The program, with places for what it must know of the host.
        says: What its first lines say, by word.
    """

    name: str
    text: str
    says: Mapping[str, str]

    def source(self, facts: Mapping[str, str]) -> str:
        text = self.text if "raw" in self.says else PRELUDE + self.text
        return re.sub(r"@([A-Z]+)@", lambda found: facts[found[1]], text)

    def verdict(self, *where: str) -> Status:
        """The verdict under an engine, an isolation and a checker, by the first of them that the program names."""
        return Status(self.says[next((one for one in where if one in self.says), "verdict")])


def load() -> list[Program]:
    """All programs, by name."""
    programs = []
    for path in sorted(FOLDER.rglob("*.cpp")):
        text = path.read_text()
        head = re.match(r"(?://.*\n)+", text)
        assert head is not None, f"{path} doesn't say what it is"
        says = {}
        for line in head[0].splitlines()[1:]:
            word, _, value = line.removeprefix("// ").partition(": ")
            says[word] = value
        programs.append(Program(path.relative_to(FOLDER).with_suffix("").as_posix(), text, says))
    return programs
