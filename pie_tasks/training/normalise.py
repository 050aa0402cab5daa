"""A C++ program in a form that doesn't show who typed it: no comments, no layout, no names of its own.

Pygments lexes. Names that the program declares become ``v0``, ``v1`` … in the order of their first use; names that it
doesn't declare (``max``, ``scanf``, ``vector``) stay, or a program that takes the greater of two numbers would equal one
that takes the smaller. What is declared is guessed from neighbouring tokens, which is enough to compare programs: the guess
depends on names nowhere, so it is the same for a renamed copy.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

from pygments.lexers.c_cpp import CppLexer
from pygments.token import Comment, Keyword, Name, String, _TokenType

_TYPES = frozenset(
    [
        "auto",
        "bool",
        "char",
        "char16_t",
        "char32_t",
        "const",
        "constexpr",
        "double",
        "enum",
        "float",
        "int",
        "long",
        "register",
        "short",
        "signed",
        "static",
        "struct",
        "union",
        "class",
        "typename",
        "unsigned",
        "void",
        "volatile",
        "wchar_t",
        "int8_t",
        "int16_t",
        "int32_t",
        "int64_t",
        "uint8_t",
        "uint16_t",
        "uint32_t",
        "uint64_t",
        "size_t",
        "ssize_t",
        "__int128",
    ]
)
_NEVER_OWN = frozenset(
    [
        "abs",
        "ceil",
        "cin",
        "cout",
        "endl",
        "fabs",
        "floor",
        "getchar",
        "log",
        "main",
        "max",
        "memset",
        "min",
        "pow",
        "printf",
        "putchar",
        "puts",
        "scanf",
        "size",
        "sort",
        "sqrt",
        "string",
        "strlen",
        "swap",
        "vector",
    ]
)
"""Names that a program hardly ever declares, and that the guess must not take for its own in ``n * max(a, b)``."""

_AFTER_DECLARED = frozenset(["=", ";", ",", "(", "[", ")", "{", ":", ">"])
_BEFORE_DECLARED = frozenset([">", "*", "&", "&&"])
_AFTER_FURTHER = frozenset(["=", ";", ",", "[", ")", ":"])
_DEFINE = re.compile(r"#\s*define\s+(\w+)(\(([^)]*)\))?(.*)", re.DOTALL)


@lru_cache(maxsize=1 << 16)
def normal_form(code: str) -> tuple[str, ...]:
    """The tokens of ``code`` with its own names numbered; equal for programs that differ in names and layout only.

    ``#include`` and ``using`` lines are left out: they say nothing of what a program does.
    """
    tokens = list(_without_using(list(_tokens(code))))
    declared = _declared(tokens)
    numbers: dict[str, str] = {}
    return tuple(
        numbers.setdefault(text, f"v{len(numbers)}") if is_name and text in declared else text
        for text, is_name in tokens
    )


_Token = tuple[str, bool]
"""Text, and whether it is a name."""


def _tokens(code: str) -> Iterator[_Token]:
    literal = ""
    for kind, text in _lexer().get_tokens(code.replace("\r\n", "\n").replace("\\\n", " ")):
        if _is(kind, String):  # its pieces (quotes, escapes) are one token
            literal += text
            continue
        if literal:
            yield literal, False
            literal = ""
        if _is(kind, Comment.Preproc) or _is(kind, Comment.PreprocFile):
            yield from _preprocessor(text)
        elif not _is(kind, Comment) and text.strip():
            yield text.strip(), _is_name(kind, text)
    if literal:
        yield literal, False


def _is(kind: _TokenType, group: Any) -> bool:
    return kind in group


def _is_name(kind: _TokenType, text: str) -> bool:
    return (_is(kind, Name) or _is(kind, Keyword.Type)) and text not in _TYPES


def _preprocessor(text: str) -> Iterator[_Token]:
    """The tokens of a macro. Pygments gives a directive as a whole."""
    match = _DEFINE.match(f"#{text}" if text.startswith("define") else text)
    if match is None:
        return
    yield "#define", False
    yield "int", False  # so that the macro's name counts as declared
    yield match[1], True
    for parameter in re.findall(r"\w+", match[3] or ""):
        yield "int", False
        yield parameter, True
        yield ",", False
    yield "=", False
    yield from _tokens(match[4])


def _without_using(tokens: Sequence[_Token]) -> Iterator[_Token]:
    position = 0
    while position < len(tokens):
        if tokens[position][0] == "using" and "=" not in (text for text, _ in tokens[position : position + 3]):
            while position < len(tokens) and tokens[position][0] != ";":
                position += 1
        elif tokens[position][0] == "std" and position + 1 < len(tokens) and tokens[position + 1][0] in ("::", ":"):
            position += 1
            while position + 1 < len(tokens) and tokens[position + 1][0] == ":":
                position += 1
        else:
            yield tokens[position]
        position += 1


def _declared(tokens: Sequence[_Token]) -> set[str]:
    """Names that stand where a declaration has its name, or where the program's own macros are given one first."""
    declared: set[str] = set()
    macros: set[str] = set()
    texts = [";", ";", *(text for text, _ in tokens), ";"]
    for position, (text, is_name) in enumerate(tokens):
        before2, before, _, after = texts[position : position + 4]
        if before2 == "#define":
            macros.add(text)
            declared.add(text)
        if not is_name or text in _NEVER_OWN:
            continue
        typed = before in _TYPES or before in _BEFORE_DECLARED or (position > 0 and tokens[position - 1][1])
        if (
            (typed and after in _AFTER_DECLARED)
            or (before == "," and after in _AFTER_FURTHER)
            or (before == "using" and after == "=")
            or (before == "(" and before2 in macros)
        ):
            declared.add(text)
    return declared


@lru_cache(maxsize=1)
def _lexer() -> Any:
    lexer: Any = CppLexer
    return lexer(stripnl=False, ensurenl=True)
