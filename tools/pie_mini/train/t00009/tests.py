"""Length of the longest common subsequence of two words."""

import random


def inputs() -> list[str]:
    """Standard inputs, one a test."""
    rng = random.Random(9)
    out = ["a\nb\n", "abcbdab\nbdcaba\n"]
    for n, m in ((30, 40), (150, 120), (250, 250)):
        out.append("\n".join("".join(rng.choice("acgt") for _ in range(size)) for size in (n, m)) + "\n")
    return out
