"""Mean and population standard deviation of N measurements, to six digits."""

import random


def inputs() -> list[str]:
    """Standard inputs, one a test."""
    rng = random.Random(1818)
    out = ["1\n3\n", "2\n1 2\n", "4\n-1 -1 -1 -1\n", "3\n0.5 0.25 0.125\n"]
    for n, lim in (
        (10, 10),
        (100, 100),
        (270, 1000),
        (360, 50),
        (450, 1000),
        (530, 1),
        *((n, 20) for n in range(3, 45, 3)),
    ):
        out.append(f"{n}\n{' '.join(f'{rng.uniform(-lim, lim):.3f}' for _ in range(n))}\n")
    return out
