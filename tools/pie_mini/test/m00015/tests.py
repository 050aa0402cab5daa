"""Greatest common divisor of N integers."""

import random


def inputs() -> list[str]:
    """Standard inputs, one a test."""
    rng = random.Random(1515)
    out = ["1\n7\n", "2\n12 18\n", "3\n1 1 1\n", "2\n1000000000 999999999\n"]
    for n, g, hi in (
        (10, 6, 100),
        (100, 12, 10**6),
        (200, 1, 10**9),
        (300, 30, 10**7),
        (400, 7, 10**8),
        (500, 2, 10**6),
        *((n, n // 3 + 1, 1000) for n in range(3, 45, 3)),
    ):
        out.append(f"{n}\n{' '.join(str(g * rng.randint(1, hi // g)) for _ in range(n))}\n")
    return out
