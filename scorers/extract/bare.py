"""Programs without fences: where they begin and end in the text around them."""

from __future__ import annotations

import re

_DIRECTIVE = re.compile(r"\s*#\s*(?:include|define|pragma|if|ifdef|ifndef|undef|elif|else|endif|error|line)\b")
_INCLUDE = re.compile(r"\s*#\s*include\b")
_COMMENT = re.compile(r"\s*(?://|/\*)")
_STATEMENT = re.compile(
    r"\s*(?:using\s+[\w:][\s\w:]*[;=]|template\s*<|(?:(?:int|signed|void|auto|u?int\d+_t)\s+)?main\s*\()"
)
_DECLARATION = re.compile(
    r"\s*(?:static|const|constexpr|extern|inline|signed|unsigned|typedef|namespace|struct|class|enum|union|auto|void|bool"
    r"|char|short|int|long|float|double|u?int\d+_t|string|vector|map|set|queue|stack|pair|std::\w+)\b"
)
_PROSE = re.compile(r"\s*(?:[-*+]\s|\d+[.)]\s|[A-Z][a-z]+\s+[a-z]+\s)")
MAIN = re.compile(r"\bmain\s*\(")


def find_programs(text: str) -> list[str]:
    """The programs in a text without fences, in their order; pieces without a ``main`` are no programs.

    A program begins with the first line that looks like C++ and ends with the last one that does. A text that includes
    headers again after a ``main`` holds another program: no single one does that in any published row.
    """
    return [program for part in _split(text) if (program := _trim(part)) and MAIN.search(program)]


def looks_like_code(text: str) -> bool:
    """Whether a text without a ``main`` is the beginning or a piece of a program, not prose."""
    return any(_INCLUDE.match(line) for line in text.split("\n"))


def trim(text: str) -> str:
    """``text`` without the prose before its first and after its last line of code; empty where there is none."""
    return _trim(text)


def _split(text: str) -> list[str]:
    parts: list[list[str]] = [[]]
    seen_main = False
    for line in text.split("\n"):
        if seen_main and _INCLUDE.match(line):
            parts.append([])
            seen_main = False
        seen_main = seen_main or MAIN.search(line) is not None
        parts[-1].append(line)
    return ["\n".join(part) for part in parts]


def _trim(text: str) -> str:
    lines = text.split("\n")
    first = next((i for i, line in enumerate(lines) if _begins(line)), None)
    if first is None:
        return ""
    last = next((i for i in range(len(lines) - 1, first, -1) if _ends(lines[i])), first)
    return "\n".join(lines[first : last + 1])


def _begins(line: str) -> bool:
    if _DIRECTIVE.match(line) or _COMMENT.match(line) or _STATEMENT.match(line):
        return True
    declares = _DECLARATION.match(line) is not None
    return declares and (line.rstrip().endswith((";", "{", "}", ",", ")", "(")) or len(line.split()) <= 3)


def _ends(line: str) -> bool:
    if _DIRECTIVE.match(line):
        return True
    before_comment, comment, _ = line.partition("//")
    if comment and not before_comment.strip():
        return True
    ends = line.rstrip().endswith((";", "{", "}", "*/")) or before_comment.rstrip().endswith((";", "{", "}"))
    return ends and _PROSE.match(line) is None
