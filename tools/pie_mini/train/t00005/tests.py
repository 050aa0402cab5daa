"""Fewest coins of N kinds that pay M yen exactly (-1 if impossible)."""

import random


def inputs() -> list[str]:
    """Standard inputs, one a test."""
    rng = random.Random(5)
    out = ["1 3\n2\n", "2 11\n5 2\n"]
    for n, m in ((4, 100), (8, 1500), (12, 3000)):
        out.append(f"{n} {m}\n{' '.join(map(str, sorted(rng.sample(range(3, 90), n))))}\n")
    return out
