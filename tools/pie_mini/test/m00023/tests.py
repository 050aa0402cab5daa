"""Number of divisors of each of Q integers (up to 400000)."""

import random


def inputs() -> list[str]:
    """Standard inputs, one a test."""
    rng = random.Random(2323)
    out = ["1\n1\n", "4\n2 3 4 16\n", "2\n360360 399989\n", "3\n100 10000 250000\n"]
    for q, hi in (
        (50, 100),
        (60, 5000),
        (15, 40000),
        (8, 100000),
        (4, 350000),
        (60, 12000),
        *((q, 200) for q in range(2, 16)),
    ):
        out.append(f"{q}\n{' '.join(str(rng.randint(1, hi)) for _ in range(q))}\n")
    return out
