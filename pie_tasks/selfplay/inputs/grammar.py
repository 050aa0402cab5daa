"""A grammar of a problem's inputs, guessed from examples, that makes further inputs of the same shape.

An input is lines of tokens. A number of the first line that equals, in every example, the number of lines after it, the
number of tokens of a line or the length of a word is taken for a size and kept true; all other tokens vary within what
the examples show: numbers in the range seen in their place, words over the letters seen.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

Lines = list[list[str]]

_INTEGER = re.compile(r"[+-]?\d{1,18}")
_DECIMAL = re.compile(r"[+-]?\d*\.\d+")
_GROWTH = 3
"""Sizes are taken up to so many times the greatest one seen."""
_MAX_SIZE = 2000
_COLUMNS = 4
"""Lines of up to so many tokens are records, whose places mean different things; longer ones are lists."""


@dataclass(frozen=True)
class _Size:
    """A size: its place in the first line, and what it counts."""

    place: int
    counts: str


class _Seen:
    """What the examples show of one place."""

    def __init__(self, tokens: Sequence[str]) -> None:
        self.tokens = list(tokens) or ["0"]
        self.numbers = [int(token) for token in self.tokens if _INTEGER.fullmatch(token)]
        self.decimals = [float(token) for token in self.tokens if _DECIMAL.fullmatch(token)]
        self.alphabet = sorted({letter for token in self.tokens for letter in token})
        self.longest = max(len(token) for token in self.tokens)

    def token(self, old: str, rng: random.Random, *, keep_length: bool = False) -> str:
        """Another token for this place."""
        if len(self.numbers) == len(self.tokens) and not keep_length:
            low, high = min(self.numbers), max(self.numbers)
            return str(
                rng.choice((low, high, rng.choice(self.numbers), rng.randint(low, high), rng.randint(low, high)))
            )
        if _DECIMAL.fullmatch(old) and self.decimals:
            return f"{rng.uniform(min(self.decimals), max(self.decimals)):.{len(old.partition('.')[2])}f}"
        if not keep_length and rng.random() < 0.5:
            return rng.choice(self.tokens)
        length = len(old) if keep_length else rng.randint(1, _GROWTH * self.longest)
        return "".join(rng.choice(self.alphabet) for _ in range(length))


_MEASURES: dict[str, Callable[[Lines], Iterable[int]]] = {
    "lines": lambda body: [len(body)],
    "tokens": lambda body: (len(line) for line in body[:1]) if len(body) == 1 else (len(line) for line in body),
    "letters": lambda body: (len(token) for line in body for token in line),
}
"""What a size may count, in the lines after the first: all values must equal it."""


class InputGrammar:
    """What the examples of one problem have in common.

    Args:
        examples: Inputs of the problem. Those that aren't text are left out.
    """

    def __init__(self, examples: Sequence[bytes]) -> None:
        texts = [data.decode(errors="replace") for data in examples]
        self._examples = [[line.split() for line in text.splitlines()] for text in texts if "\ufffd" not in text]
        self._examples = [lines for lines in self._examples if any(lines)]
        self._sizes = self._find_sizes()
        bodies = [line for example in self._examples for line in example[1:]]
        width = max((len(lines[0]) for lines in self._examples), default=0)
        self._head = [_Seen([e[0][i] for e in self._examples if i < len(e[0])]) for i in range(width)]
        self._columns = [_Seen([line[i] for line in bodies if i < len(line)]) for i in range(_COLUMNS)]
        self._body = _Seen([token for line in bodies for token in line])

    def make(self, count: int, seed: int) -> list[bytes]:
        """Up to ``count`` different new inputs, the same for the same seed."""
        rng = random.Random(seed)
        known = {_text(lines) for lines in self._examples}
        made: dict[bytes, None] = {}
        for _ in range(20 * count if self._examples else 0):
            if len(made) == count:
                break
            text = _text(self._vary(rng))
            if text not in known:
                made[text] = None
        return list(made)

    def _find_sizes(self) -> list[_Size]:
        if not self._examples:
            return []
        places = range(min(len(lines[0]) for lines in self._examples))
        return [
            _Size(place, counts)
            for place in places
            for counts in _MEASURES
            if all(_holds(lines, place, counts) for lines in self._examples)
        ]

    def _vary(self, rng: random.Random) -> Lines:
        lines = [list(line) for line in rng.choice(self._examples)]
        body = lines[1:]
        for size in self._sizes:
            body = self._resize(body, size.counts, self._new_size(size, rng), rng)
        head = lines[0]
        places = {size.place for size in self._sizes}
        share = rng.choice((0.1, 0.5, 1.0))
        for place, token in enumerate(head):
            if place not in places and rng.random() < share:
                head[place] = self._head[place].token(token, rng)
        letters = any(size.counts == "letters" for size in self._sizes)
        for line in body:
            for i, token in enumerate(line):
                if rng.random() < share:
                    seen = self._columns[i] if i < len(line) <= _COLUMNS else self._body
                    line[i] = seen.token(token, rng, keep_length=letters)
        for size in self._sizes:
            values = set(_MEASURES[size.counts](body))
            if len(values) == 1:
                head[size.place] = str(values.pop())
        return [head, *body]

    def _new_size(self, size: _Size, rng: random.Random) -> int:
        seen = [int(lines[0][size.place]) for lines in self._examples]
        top = min(_MAX_SIZE, max(1, _GROWTH * max(seen)))
        return rng.choice((rng.choice(seen), rng.randint(min(1, *seen), top), rng.randint(1, max(1, *seen))))

    def _resize(self, body: Lines, counts: str, size: int, rng: random.Random) -> Lines:
        if counts == "lines":
            pool = [line for example in self._examples for line in example[1:]] or [[]]
            return [*body, *(list(rng.choice(pool)) for _ in range(size - len(body)))][:size]
        if counts == "tokens":
            return [[*line, *(rng.choice(self._body.tokens) for _ in range(size - len(line)))][:size] for line in body]
        letters = self._body.alphabet
        return [
            [token[:size] + "".join(rng.choice(letters) for _ in range(size - len(token))) for token in line]
            for line in body
        ]


def _holds(lines: Lines, place: int, counts: str) -> bool:
    token = lines[0][place]
    if not _INTEGER.fullmatch(token) or len(lines) < 2:
        return False
    return set(_MEASURES[counts](lines[1:])) == {int(token)}


def _text(lines: Lines) -> bytes:
    return "".join(" ".join(line) + "\n" for line in lines).encode()
