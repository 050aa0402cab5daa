"""A C++ program as detectors see it: its tokens without comments. Nothing is preprocessed or understood."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache

# What doesn't end takes all that is left (of its line): no text may cost more than its length.
_SPLICE = re.compile(r"\\[ \t]*\r?\n")
# The commonest come first, as far as they begin nothing else: a name in front of a quotation mark may be a prefix.
_TOKEN = re.compile(
    r"""\s*(?:
    (?P<name> [^\W\d]\w*\b(?!") )
  | (?P<sign> [^\s\w/"'.:\\-] )
  | (?P<number> \.?\d (?: [eEpP][+-] | '(?=[0-9a-fA-F]) | [\w.] )* )
  | (?P<comment> //[^\n]* | /\*.*?(?:\*/|\Z) )
  | (?P<raw> (?:u8|[uUL])? R"(?P<mark>[^()\\\s]{0,16})\((?P<inside>.*?)(?:\)(?P=mark)"|\Z) )
  | (?P<string> (?:u8|[uUL])? "(?:\\.|[^"\\\n])*(?:"|(?=\n)|\\?\Z) )
  | (?P<char> '(?:\\.|[^'\\\n])+(?:'|(?=\n)|\\?\Z) )
  | (?P<word> [^\W\d]\w* )
  | (?P<other> ::|->|\S ) )
    """,
    re.VERBOSE | re.DOTALL,
)
_AS_IT_STANDS = {"name": "name", "word": "name", "sign": "other", "other": "other", "char": "char"}
"""What the expression tells apart and kind of the token whose text is what was found."""
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0"}
_INTEGER = re.compile(r"(0[xX][0-9a-fA-F]+|0[bB][01]+|\d+)[uUlLzZ]*")
FREE = r"(?<!\. )(?<!-> )\b"
"""In a pattern for :attr:`Program.line`: what follows is no member's name."""
MOST_CHARACTERS = 200_000
"""So much of a program is looked at."""


Token = tuple[str, str]
"""Kind (``name``, ``number``, ``string``, ``char`` or ``other``) and text. No class, for a large run makes millions."""


@dataclass(frozen=True)
class Program:
    """The tokens of a program."""

    tokens: tuple[Token, ...]

    @cached_property
    def names(self) -> frozenset[str]:
        return frozenset(text for kind, text in self.tokens if kind == "name")

    def calls(self, functions: frozenset[str]) -> bool:
        """Whether it calls one of ``functions``, as no object's member."""
        named = sorted(functions & self.names)
        return bool(named) and re.search(rf"{FREE}(?:{'|'.join(named)}) \(", self.line) is not None

    @cached_property
    def strings(self) -> tuple[str, ...]:
        return tuple(text for kind, text in self.tokens if kind == "string")

    @cached_property
    def line(self) -> str:
        """All tokens with spaces between them, for patterns; of strings only that they are there."""
        return " ".join(['""' if kind == "string" else text for kind, text in self.tokens])

    @cached_property
    def line_with_strings(self) -> str:
        """The same with what the strings say."""
        return " ".join([f'"{text}"' if kind == "string" else text for kind, text in self.tokens])

    @cached_property
    def literals(self) -> tuple[str, ...]:
        """What the literals say, in order: numbers (a sign before them included), and the words of strings."""
        found: list[str] = []
        for index, (kind, text) in enumerate(self.tokens):
            if kind == "string":
                found += text.split()
            elif kind == "number":
                found.append("-" * self._negative(index) + text)
        return tuple(found)

    def _negative(self, index: int) -> bool:
        """Whether the number at ``index`` has a sign, and not a minus between two values."""
        if index == 0 or self.tokens[index - 1][1] != "-":
            return False
        kind, text = self.tokens[index - 2] if index > 1 else ("other", ";")
        return text == "return" or (kind == "other" and text not in (")", "]"))


@lru_cache(maxsize=16)
def read_program(code: str) -> Program:
    """The tokens of ``code``. Never raises: what is no token is left out."""
    # Behind the last token, `_TOKEN` would try all of the white space from each of its places.
    text = _SPLICE.sub("", code[:MOST_CHARACTERS]).rstrip()
    tokens: list[Token] = []
    for found in _TOKEN.finditer(text):
        group = found.lastgroup or "other"
        if kind := _AS_IT_STANDS.get(group):
            tokens.append((kind, found[group]))
        elif group == "number":
            tokens.append((group, _plain(found[group])))
        elif group == "raw":
            tokens.append(("string", found["inside"]))
        elif group == "string":
            tokens.append((group, _unescaped(found[group])))
    return Program(tuple(tokens))


def _unescaped(string: str) -> str:
    """What a string literal says."""
    inside = string.partition('"')[2].removesuffix('"')
    return re.sub(r"\\(.)", lambda escape: _ESCAPES.get(escape[1], escape[1]), inside)


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
