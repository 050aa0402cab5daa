"""A slow program and its candidate as one coloured listing: lines only of the first, only of the second, and of both.

The page hides one side to show a program alone, so each candidate is rendered once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from functools import lru_cache

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import CppLexer

_PLAIN = re.compile(r'<span class="(?:n|p|o|w|nf)">([^<]*)</span>')
"""Names, punctuation and white space keep the text's colour: without spans a listing is half as long."""


_ACROSS_LINES = re.compile(r'/\*|R"|\\$', re.MULTILINE)
"""What makes a line's colours depend on the line before. Programs without it are coloured line by line, cached."""

_LEXER = CppLexer(stripnl=False, ensurenl=True)
_FORMATTER: HtmlFormatter[str] = HtmlFormatter(nowrap=True)


def listing(source: str, candidate: str) -> str:
    """HTML of the whole difference; ``-``, ``+`` and space as in a unified diff."""
    old, new = source.splitlines(), candidate.splitlines()
    old_html, new_html = highlighted(source), highlighted(candidate)
    return "".join(f'<span class="{kind}">{html}\n</span>' for kind, html in _merge(old, new, old_html, new_html))


def _merge(old: list[str], new: list[str], old_html: list[str], new_html: list[str]) -> Iterator[tuple[str, str]]:
    for tag, i, j, m, n in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            yield from (("c", line) for line in new_html[m:n])
        else:
            yield from (("d", line) for line in old_html[i:j])
            yield from (("i", line) for line in new_html[m:n])


def highlighted(code: str) -> list[str]:
    """The lines of a C++ program as HTML, as many as ``code.splitlines()``."""
    lines = code.splitlines()
    if not _ACROSS_LINES.search(code):
        return [_line(line) for line in lines]
    rendered = _html("\n".join(lines)).split("\n")
    return [*rendered, *[""] * len(lines)][: len(lines)]


@lru_cache(maxsize=1 << 16)
def _line(line: str) -> str:
    return _html(line).rstrip("\n")


def _html(code: str) -> str:
    return _PLAIN.sub(r"\1", highlight(code, _LEXER, _FORMATTER))


def styles() -> str:
    """CSS of the highlighting, for light and dark."""
    light, dark = (str(HtmlFormatter(style=name).get_style_defs("pre")) for name in ("default", "github-dark"))  # type: ignore[no-untyped-call]
    return "\n".join([*_rules(light), "@media (prefers-color-scheme: dark) {", *_rules(dark), "}"])


def _rules(css: str) -> list[str]:
    """Rules of token classes alone: the page sets backgrounds and line numbers itself."""
    kept = {"k", "kt", "kr", "kd", "kc", "cp", "cpf", "c1", "cm", "mi", "mf", "mh", "s", "sc", "se", "nb", "nc"}
    return [line for line in css.splitlines() if (match := re.match(r"pre \.(\w+) \{", line)) and match[1] in kept]
