"""Which part of a response is the answer."""

from __future__ import annotations

import html
import re

from scorers.extract.bare import MAIN, find_programs, looks_like_code, trim
from scorers.extract.fences import Block, split_blocks
from scorers.extract.turns import turns, without_echo, without_reasoning

_ESCAPED = re.compile(r"^[ \t]*#[ \t]*include[ \t]*&lt;", re.MULTILINE)


def extract_code(response: str, prompt_source: str | None = None) -> str | None:
    """The program that a response answers with, without white space around it and with LF line endings.

    In this order: the last complete fenced program (a later one improves on an earlier one) that isn't the prompt's
    own, the first program without fences (what follows it is a completion model's next example), the last piece of
    code. What comes out may still not compile; that is for the compiler to say.

    Args:
        response: The model's text.
        prompt_source: The program in the prompt, to tell an answer from a repetition of the question.

    Returns:
        The program, or ``None`` where the response holds no code.
    """
    text = response.replace("\r\n", "\n").replace("\r", "\n")
    parts = turns(without_echo(without_reasoning(text), prompt_source))
    parsed = [split_blocks(part) for part in parts]
    for blocks in parsed:
        program = _program(blocks, prompt_source)
        if program:
            return _clean(program)
    for blocks in parsed:
        piece = _piece(blocks)
        if piece:
            return _clean(piece)
    return None


def _program(blocks: list[Block], prompt_source: str | None) -> str | None:
    """The best program of one turn."""
    fenced = [block for block in blocks if block.fenced and MAIN.search(block.text)]
    if fenced:
        numbered = enumerate(fenced)
        return max(numbered, key=lambda one: (not _same(one[1].text, prompt_source), _is_whole(one[1]), one[0]))[1].text
    bare = [program for block in blocks if not block.fenced for program in find_programs(block.text)]
    return next((program for program in bare if not _same(program, prompt_source)), bare[0] if bare else None)


def _piece(blocks: list[Block]) -> str | None:
    """What may be a part of a program: the last fenced block, else what looks like the start of a bare program."""
    fenced = [block.text for block in blocks if block.fenced and block.text.strip()]
    if fenced:
        return fenced[-1]
    return next((trim(block.text) for block in blocks if looks_like_code(block.text)), None)


def _is_whole(block: Block) -> bool:
    """Whether a block wasn't cut off. A stop sequence may have eaten the fence of one that is complete."""
    return block.closed or block.text.rstrip().endswith("}")


def _same(code: str, source: str | None) -> bool:
    return source is not None and "".join(code.split()) == "".join(source.split())


def _clean(code: str) -> str:
    code = html.unescape(code) if _ESCAPED.search(code) else code
    return code.strip()
