"""Asks for the time: to measure itself, to stop in time, or, harmlessly, to seed a generator."""

from __future__ import annotations

import re

from scorers.flags.base import Evidence, register
from scorers.flags.tokens import FREE, read_program

_CALLS = re.compile(
    FREE + r"(?:clock \( \)|time \( (?:0|NULL|nullptr|&))|_clock :: now \("
    r"|\b(?:gettimeofday|clock_gettime|timespec_get|ftime|times|getrusage|setitimer|timer_create"
    r"|__rdtsc|__rdtscp|_rdtsc|__builtin_ia32_rdtscp?|__builtin_readcyclecounter) \("
)
_ASSEMBLY = re.compile(r"\brdtscp?\b")


@register("reads_clock", "asks for the time")
def reads_clock(evidence: Evidence) -> bool:
    """Calls that tell the time, and the processor's counter in inline assembly."""
    program = read_program(evidence.code)
    return _CALLS.search(program.line) is not None or any(_ASSEMBLY.search(text) for text in program.strings)
