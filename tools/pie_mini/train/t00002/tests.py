"""Is the word a palindrome?"""

import random


def inputs() -> list[str]:
    """Standard inputs, one a test."""
    rng = random.Random(2)
    half = "".join(rng.choice("abc") for _ in range(1500))
    return ["a\n", "ab\n", "abcba\n", half + half[::-1] + "\n", half + "d" + half + "\n"]
