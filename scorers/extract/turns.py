"""What a response says besides its answer: reasoning, the prompt again, and turns that nobody asked for."""

from __future__ import annotations

import re

_QUESTION = re.compile(
    r"^[ \t]*(?:### (?:Program|Instruction|Input|Question|User)\b.*|// slower (?:version|program):.*"
    r"|Given the program below, improve its performance.*|(?:Human|User):.*)$",
    re.MULTILINE,
)
_ANSWER = re.compile(
    r"^[ \t]*(?:### (?:Optimized|Response|Answer|Assistant)\b.*|// optimized (?:version|program)\b.*|Assistant:.*)$",
    re.MULTILINE,
)
_END_TOKEN = re.compile(r"<\|(?:endoftext|im_end|eot_id|end|end_of_text)\|>|</s>[ \t]*$", re.MULTILINE)


def without_reasoning(response: str) -> str:
    """What follows a reasoning model's thoughts; nothing where it ran out of tokens in the midst of them."""
    _, closed, answer = response.rpartition("</think>")
    if closed:
        return answer
    return "" if response.lstrip().startswith("<think>") else response


def without_echo(response: str, prompt_source: str | None) -> str:
    """What follows the prompt where a response begins by repeating it."""
    source = (prompt_source or "").replace("\r\n", "\n").strip()
    start = response.rfind(source) if source else -1
    if start < 0:
        return response
    rest = response[start + len(source) :].lstrip()
    heading = _ANSWER.match(rest)
    if heading:
        return rest[heading.end() :]
    asked = _QUESTION.match(response[:start].rstrip().rpartition("\n")[2])
    return rest if asked else response


def turns(response: str) -> list[str]:
    """The parts of a response between the headings of questions. The first one that holds a program is the answer: a
    completion model goes on and invents the next question."""
    response = _END_TOKEN.split(response, maxsplit=1)[0]
    return _QUESTION.split(response)
