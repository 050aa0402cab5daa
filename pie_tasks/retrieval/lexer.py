"""C++ code as a list of tokens: enough to compare programs, not to compile them."""

from __future__ import annotations

import re

_TOKEN = re.compile(
    r"""
      (?P<skip>  \s+ | \\\r?\n | //[^\n]* | /\*.*?(?:\*/|\Z) )
    | (?P<token>
          (?:u8|[uUL])?R"(?P<fence>[^\s()\\]{0,16})\(.*?\)(?P=fence)"   # raw string
        | (?:u8|[uUL])?"(?:\\.|[^"\\\n])*"?                              # string
        | (?:u8|[uUL])?'(?:\\.|[^'\\\n])*'?                              # character
        | \.?\d(?:[eEpP][+-]|'(?=\w)|[\w.])*                             # number
        | [^\W\d]\w*                                                     # name
        | <<=|>>=|<=>|\.\.\.|->\*|::|->|\+\+|--|<<|>>|<=|>=|==|!=|&&|\|\||\+=|-=|\*=|/=|%=|&=|\|=|\^=|\#\#
        | .
      )
    """,
    re.VERBOSE | re.DOTALL,
)


def tokens(code: str) -> list[str]:
    """The tokens of a C++ program in order, without white space and comments.

    Two programs with equal tokens differ in nothing that a compiler sees, macros that make text of their arguments and
    ``__LINE__`` aside.
    """
    return [match["token"] for match in _TOKEN.finditer(code) if match["token"] is not None]
