"""Number of inversions of a permutation, and of its reverse."""

import random


def inputs() -> list[str]:
    """Standard inputs, one a test."""
    rng = random.Random(2525)
    out = ["1\n1\n", "2\n2 1\n", "5\n1 2 3 4 5\n"]
    for n in (10, 100, 400, 700, 1000, 1450, *range(3, 45, 3)):
        out.append(f"{n}\n{' '.join(map(str, rng.sample(range(1, n + 1), n)))}\n")
    out.append("1950\n" + " ".join(str(1950 - i) for i in range(1950)) + "\n")
    return out
