"""Number of inversions of a permutation, and of its reverse."""

import random


def inputs() -> list[str]:
    """Standard inputs, one a test."""
    rng = random.Random(2525)
    out = ["1\n1\n", "2\n2 1\n", "5\n1 2 3 4 5\n"]
    for n in (10, 30, 60, 90, 120, 1780, *range(3, 45, 3)):
        out.append(f"{n}\n{' '.join(map(str, rng.sample(range(1, n + 1), n)))}\n")
    out.append("90\n" + " ".join(str(90 - i) for i in range(90)) + "\n")
    return out
