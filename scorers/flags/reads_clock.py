"""Asks for the time: to measure itself, to stop in time, or, harmlessly, to seed a generator."""

from __future__ import annotations

import re

from scorers.flags.base import Evidence, register
from scorers.flags.tokens import FREE, read_program

_FUNCTIONS = frozenset(
    [
        "gettimeofday",
        "clock_gettime",
        "timespec_get",
        "ftime",
        "times",
        "getrusage",
        "setitimer",
        "timer_create",
        "__rdtsc",
        "__rdtscp",
        "_rdtsc",
        "__builtin_ia32_rdtsc",
        "__builtin_ia32_rdtscp",
        "__builtin_readcyclecounter",
    ]
)
_COMMON_NAMES = frozenset(("clock", "time", "now"))
"""Names of variables as well, so what follows them counts."""
_CALLS = re.compile(FREE + r"(?:clock \( \)|time \( (?:0|NULL|nullptr|&))|_clock :: now \(")
_ASSEMBLY = re.compile(r"\brdtscp?\b")


@register("reads_clock", "asks for the time")
def reads_clock(evidence: Evidence) -> bool:
    """Calls that tell the time, and the processor's counter in inline assembly."""
    program = read_program(evidence.code)
    return (
        program.calls(_FUNCTIONS)
        or (not _COMMON_NAMES.isdisjoint(program.names) and _CALLS.search(program.line) is not None)
        or any(_ASSEMBLY.search(text) for text in program.strings)
    )
