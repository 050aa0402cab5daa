"""Averages of all windows of K consecutive integers among N, with four decimals."""

import random


def inputs() -> list[str]:
    """Standard inputs, one a test."""
    rng = random.Random(303)
    out = ["1 1\n7\n", "3 3\n1 2 2\n", "5 2\n-1000000 1000000 -1 0 3\n"]
    for n, k, lim in (
        (20, 7, 9),
        (400, 200, 1000),
        (600, 300, 1000000),
        (700, 350, 1000000),
        (800, 450, 100),
        (800, 500, 1000000),
        (850, 350, 1000000),
        *((n, n // 2, 100) for n in range(4, 60, 4)),
    ):
        out.append(f"{n} {k}\n" + " ".join(str(rng.randint(-lim, lim)) for _ in range(n)) + "\n")
    return out
