"""Is A an anagram of B?"""

import random


def inputs() -> list[str]:
    """Standard inputs, one a test."""
    rng = random.Random(4)
    out = ["a\nb\n", "listen\nsilent\n"]
    for n, change in ((50, False), (400, False), (1200, True), (2000, False)):
        word = [rng.choice("abcdefghij") for _ in range(n)]
        other = rng.sample(word, n)
        if change:
            other[n // 2] = "z"
        out.append("".join(word) + "\n" + "".join(other) + "\n")
    return out
