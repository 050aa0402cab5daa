"""Fenced blocks of Markdown, as models write them: more kinds than the standard has, and not always closed."""

from __future__ import annotations

import re
from dataclasses import dataclass

_BACKTICKS = re.compile(r"(?<!`)`{3,}(?=[^`]*$)")
_TILDES = re.compile(r"~{3,}")
_MARGIN = re.compile(r"[ \t]{0,40}(?:>[ \t]?){0,9}(?:[-*+]|\d{1,3}[.)])?[ \t]{0,40}")
_ONE_LINE = re.compile(r"\s*`{3,}(?:cpp\b|c\+\+|c\b)?(?P<code>[^`]+)`{3,}\s*", re.IGNORECASE)
_CODE_AFTER_LABEL = re.compile(
    r"(?:[ \t]*[\w+#]+)?[ \t]+(?P<code>(?:#[ \t]*include|using[ \t]+namespace|int[ \t]+main)\b.*)"
)
_DEPTH = 3
"""How deep blocks are looked for in blocks: an answer, a document that holds it, an example of such a document."""


@dataclass(frozen=True)
class Block:
    """A stretch of a response.

    Attributes:
        text: Its lines, without fences.
        fenced: Whether it stood between fences; else it is what stood around them.
        closed: Whether its end was there. An open block is the last one and may have been cut off.
    """

    text: str
    fenced: bool
    closed: bool = True


@dataclass(frozen=True)
class _Mark:
    """A line's fence and what stands on both sides of it."""

    before: str
    fence: str
    after: str

    @property
    def at_margin(self) -> bool:
        """Whether nothing but indentation, quotation marks or a bullet stands before the fence."""
        return _MARGIN.fullmatch(self.before) is not None

    @property
    def label(self) -> str | None:
        """The one word after the fence, empty for none; ``None`` where there is more."""
        words = self.after.split()
        return None if len(words) > 1 else "".join(words)

    @property
    def code(self) -> str | None:
        """Code on the fence's own line, behind the label."""
        match = _CODE_AFTER_LABEL.fullmatch(self.after)
        return match["code"] if match else None

    @property
    def opens(self) -> bool:
        """Whether it opens a block: at a line's start with any info, behind text with a word or code only."""
        behind_text = self.fence[0] == "`" and (self.label is not None or self.code is not None)
        return self.at_margin or behind_text

    def closes(self, fence: str) -> bool:
        """Whether it ends the block that ``fence`` opened."""
        at_end_of_code = self.fence[0] == "`" and not self.after.strip()
        return self.fence.startswith(fence) and (self.at_margin or at_end_of_code)


def _mark(line: str) -> _Mark | None:
    found = _BACKTICKS.search(line) if "```" in line else None
    if found is None and "~~~" in line:
        found = _TILDES.match(line, len(line) - len(line.lstrip()))
    return _Mark(line[: found.start()], found[0], line[found.end() :]) if found else None


def split_blocks(response: str, depth: int = _DEPTH) -> list[Block]:
    """Cut a response at its fences; nothing but the fences' own lines is lost.

    A fence may follow text on its line, may have any label, may be closed at the end of a line of code, and is closed
    by the next labelled fence too. A longer fence holds shorter ones: what such a block contains is cut again.
    """
    blocks: list[Block] = []
    lines: list[str] = []
    fence, margin = "", ""

    def flush(*, closed: bool = True) -> None:
        text = "\n".join([line.removeprefix(margin) for line in lines] if margin else lines)
        if fence and depth > 1 and any((mark := _mark(line)) and mark.at_margin for line in lines):
            blocks.extend(split_blocks(text, depth - 1))
        elif fence or lines:
            blocks.append(Block(text, fenced=bool(fence), closed=closed))
        lines.clear()

    for line in response.split("\n"):
        mark = _mark(line)
        single = _ONE_LINE.fullmatch(line) if mark and not fence else None
        if single:
            flush()
            blocks.append(Block(single["code"].strip(), fenced=True))
        elif mark and not fence and mark.opens:
            lines.extend([] if mark.at_margin else [mark.before])
            flush()
            fence = mark.fence
            margin = mark.before if mark.at_margin and ">" in mark.before else ""
            lines.extend([mark.code] if mark.code else [])
        elif mark and fence and mark.closes(fence):
            lines.extend([] if mark.at_margin else [mark.before])
            flush()
            reopens = bool(mark.label)
            fence, margin = (mark.fence, margin) if reopens else ("", "")
            lines.extend([mark.after] if mark.label is None else [])
        else:
            lines.append(line)
    flush(closed=not fence)
    return blocks
