"""Largest value of every window of K consecutive integers among N."""

import random


def inputs() -> list[str]:
    """Standard inputs, one a test."""
    rng = random.Random(2121)
    out = ["1 1\n4\n", "5 5\n1 2 3 4 5\n", "6 1\n3 -1 4 -1 5 -9\n"]
    for n, k, lim in (
        (20, 4, 50),
        (150, 30, 1000),
        (300, 60, 100000),
        (500, 7, 1000000),
        (600, 150, 1000),
        *((n, n // 3, 50) for n in range(4, 60, 4)),
    ):
        out.append(f"{n} {k}\n{' '.join(str(rng.randint(-lim, lim)) for _ in range(n))}\n")
    out.append("600 50\n" + " ".join(str(600 - i) for i in range(600)) + "\n")
    out.append("600 50\n" + " ".join(str(i * i) for i in range(600)) + "\n")
    return out
