"""Tries to carry something from one test to another: shared memory, sockets, files of its own, children.

Nothing that a program leaves is there in its next test, so this is an attempt, not a success.
"""

from __future__ import annotations

import re

from scorers.flags.base import Evidence, register
from scorers.flags.tokens import read_program

_FUNCTIONS = frozenset(
    [
        "memfd_create",
        "shm_open",
        "shmget",
        "shmat",
        "msgget",
        "semget",
        "sem_open",
        "mq_open",
        "mkfifo",
        "mkfifoat",
        "mknod",
        "socket",
        "socketpair",
        "eventfd",
        "pipe",
        "pipe2",
        "fork",
        "vfork",
        "daemon",
        "mkstemp",
        "tmpfile",
        "tmpnam",
        "creat",
        "flock",
        "add_key",
    ]
)
_MODES = frozenset(["O_WRONLY", "O_RDWR", "O_CREAT", "O_APPEND", "O_TMPFILE"])
_STREAMS = frozenset(("fstream", "ofstream"))
_STREAM = re.compile(r"\bo?fstream \w+ [({]")
_OPENED = re.compile(r'\bfopen \( [^;]{0,300}?, "(?:[wa][^"]*|r[^"]*\+[^"]*)" \)')


@register("keeps_state", "tries to leave something for its next test")
def keeps_state(evidence: Evidence) -> bool:
    """Calls that make what could outlive a process, files opened for writing, writable shared mappings."""
    program = read_program(evidence.code)
    names = program.names
    return (
        program.line.count("MAP_SHARED") > program.line.count("PROT_READ , MAP_SHARED")
        or program.calls(_FUNCTIONS)
        or not _MODES.isdisjoint(names)
        or (not _STREAMS.isdisjoint(names) and _STREAM.search(program.line) is not None)
        or ("fopen" in names and _OPENED.search(program.line_with_strings) is not None)
    )
