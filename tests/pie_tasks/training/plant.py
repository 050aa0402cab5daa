"""Copies of a program that a person or a model might make to hide where it comes from."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

_OWN = re.compile(
    r"\b(?:int|long|char|double|float|bool|string|ll|auto)\s*[*&]?\s*([A-Za-z_]\w*)\s*(?=[=;,(\[)])", re.ASCII
)
_WORD = re.compile(r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|//[^\n]*|/\*.*?\*/|^\s*#.*?$|[A-Za-z_]\w*', re.S | re.M)
_KEPT = {"main", "int", "long", "char", "double", "float", "bool", "string", "auto", "size", "y1", "max", "min"}


def renamed(code: str) -> str:
    """The program with its simple variables renamed, as far as macros don't speak of them."""
    macros = " ".join(line for line in code.splitlines() if line.lstrip().startswith("#"))
    names = {name for name in _OWN.findall(code) if name not in _KEPT and not re.search(rf"\b{name}\b", macros)}
    new = {name: f"renamed_{i}" for i, name in enumerate(sorted(names))}
    return _WORD.sub(lambda match: new.get(match[0], match[0]), code)


def reformatted(code: str) -> str:
    """The program with another layout."""
    lines = [line.strip() for line in code.splitlines() if line.strip()]
    return "\n\n".join("   \t" + line if not line.startswith("#") else line for line in lines) + "\n"


def recommented(code: str) -> str:
    """The program without its comments and with others."""
    bare = _WORD.sub(lambda match: "" if match[0].startswith(("//", "/*")) else match[0], code)
    rng = random.Random(0)
    lines = []
    for line in bare.splitlines():
        safe = line.strip() and not line.endswith("\\") and not line.lstrip().startswith("#")
        lines.append(line + (f" // step {rng.randrange(100)}" if safe else ""))
    return "/* all my own work */\n" + "\n".join(lines) + "\n"


def edited(code: str) -> str:
    """The program with an include, a declaration and a statement that do nothing."""
    return "#include <cstdlib>\nint unused_number = 12345;\n" + code.replace(
        "return 0;", "unused_number++; return 0;", 1
    )


DISGUISES: dict[str, Callable[[str], str]] = {
    "renamed": renamed,
    "reformatted": reformatted,
    "recommented": recommented,
    "all three": lambda code: recommented(reformatted(renamed(code))),
}
