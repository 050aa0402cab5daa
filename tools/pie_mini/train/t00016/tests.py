"""Most frequent letter of a text without spaces (the first in the alphabet among equals)."""

import random


def inputs() -> list[str]:
    """Standard inputs, one a test."""
    rng = random.Random(16)
    return ["z\n", "banana\n"] + [
        "".join(rng.choice("aabcdefghijkz") for _ in range(n)) + "\n" for n in (300, 3000, 8000)
    ]
