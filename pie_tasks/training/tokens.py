"""Counting tokens as a model will: by a tokenizer that is named, or roughly by C++ tokens, which needs no model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pie_tasks.retrieval.lexer import tokens
from sandbox.types import SandboxError

LEXICAL = "lexical"

Counter = Callable[[str], int]


def make_counter(name: str = LEXICAL) -> Counter:
    """What counts the tokens of a text.

    Args:
        name: ``lexical`` (C++ tokens), ``tiktoken:ENCODING`` ("tiktoken:cl100k_base"), or a tokenizer of the
            ``transformers`` library by its hub id or its folder.

    Raises:
        SandboxError: A library isn't installed, or there is no such tokenizer here.
    """
    if name == LEXICAL:
        return lambda text: len(tokens(text))
    try:
        return _tiktoken(name.partition(":")[2]) if name.startswith("tiktoken:") else _transformers(name)
    except ImportError as error:
        raise SandboxError(f"tokenizer {name!r} needs a library: pip install {error.name}") from None
    except Exception as error:  # neither library documents its errors; offline they are many
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise SandboxError(f"can't load tokenizer {name!r}: {reason}") from None


def _tiktoken(name: str) -> Counter:
    import tiktoken

    encoding = tiktoken.get_encoding(name)
    return lambda text: len(encoding.encode(text, disallowed_special=()))


def _transformers(name: str) -> Counter:
    from transformers import AutoTokenizer

    tokenizer: Any = AutoTokenizer.from_pretrained(name)
    return lambda text: len(tokenizer(text, add_special_tokens=False)["input_ids"])
