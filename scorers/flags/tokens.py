"""A C++ program as detectors see it: its tokens without comments. Nothing is preprocessed or understood."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

# What doesn't end takes all that is left (of its line): no text may cost more than its length.
_SPLICE = re.compile(r"\\[ \t]*\r?\n")
_TOKEN = re.compile(
    r"""
    (?P<comment> //[^\n]* | /\*.*?(?:\*/|\Z) )
  | (?P<raw> (?:u8|[uUL])? R"(?P<mark>[^()\\\s]{0,16})\((?P<inside>.*?)(?:\)(?P=mark)"|\Z) )
  | (?P<string> (?:u8|[uUL])? "(?:\\.|[^"\\\n])*(?:"|(?=\n)|\\?\Z) )
  | (?P<char> '(?:\\.|[^'\\\n])+(?:'|(?=\n)|\\?\Z) )
  | (?P<number> \.?\d (?: [eEpP][+-] | '(?=[0-9a-fA-F]) | [\w.] )* )
  | (?P<name> [^\W\d]\w* )
  | (?P<other> ::|->|\S )
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0"}
_INTEGER = re.compile(r"(0[xX][0-9a-fA-F]+|0[bB][01]+|\d+)[uUlLzZ]*")
FREE = r"(?<!\. )(?<!-> )\b"
"""In a pattern for :attr:`Program.line`: what follows is no member's name."""
MOST_CHARACTERS = 200_000
"""So much of a program is looked at."""


class Token(NamedTuple):
    """One token: its kind (``name``, ``number``, ``string``, ``char`` or ``other``) and what it says.

    A tuple, for a large run makes millions of them.
    """

    kind: str
    text: str


@dataclass(frozen=True)
class Program:
    """The tokens of a program."""

    tokens: tuple[Token, ...]

    @cached_property
    def names(self) -> frozenset[str]:
        return frozenset(token.text for token in self.tokens if token.kind == "name")

    @cached_property
    def strings(self) -> tuple[str, ...]:
        return tuple(token.text for token in self.tokens if token.kind == "string")

    @cached_property
    def line(self) -> str:
        """All tokens with spaces between them, for patterns; of strings only that they are there."""
        return " ".join('""' if token.kind == "string" else token.text for token in self.tokens)

    @cached_property
    def line_with_strings(self) -> str:
        """The same with what the strings say."""
        return " ".join(f'"{token.text}"' if token.kind == "string" else token.text for token in self.tokens)

    @cached_property
    def literals(self) -> tuple[str, ...]:
        """What the literals say, in order: numbers (a sign before them included), and the words of strings."""
        found: list[str] = []
        for index, token in enumerate(self.tokens):
            if token.kind == "string":
                found += token.text.split()
            elif token.kind == "number":
                found.append("-" * self._negative(index) + token.text)
        return tuple(found)

    def _negative(self, index: int) -> bool:
        """Whether the number at ``index`` has a sign, and not a minus between two values."""
        if index == 0 or self.tokens[index - 1].text != "-":
            return False
        before = self.tokens[index - 2] if index > 1 else Token("other", ";")
        return before.text == "return" or (before.kind == "other" and before.text not in (")", "]"))


@lru_cache(maxsize=16)
def read_program(code: str) -> Program:
    """The tokens of ``code``. Never raises: what is no token is left out."""
    text = _SPLICE.sub("", code[:MOST_CHARACTERS])
    return Program(tuple(_token(found) for found in _TOKEN.finditer(text) if found.lastgroup != "comment"))


def _token(found: re.Match[str]) -> Token:
    kind = found.lastgroup or "other"
    if kind == "raw":
        return Token("string", found["inside"])
    if kind == "string":
        inside = found["string"].partition('"')[2].removesuffix('"')
        return Token("string", re.sub(r"\\(.)", lambda escape: _ESCAPES.get(escape[1], escape[1]), inside))
    return Token(kind, _plain(found[0]) if kind == "number" else found[0])


def _plain(number: str) -> str:
    """A number as a program would print it, where it is an integer."""
    number = number.replace("'", "")
    integer = _INTEGER.fullmatch(number)
    if integer is None:
        return number.rstrip("fFlL") if not number.lower().startswith("0x") else number
    digits = integer[1]
    base = {"0x": 16, "0b": 2}.get(digits[:2].lower(), 10)
    if len(digits) > 40:
        return digits
    return str(int(digits, base))
