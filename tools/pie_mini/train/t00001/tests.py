"""Sum of N integers."""

import random


def inputs() -> list[str]:
    """Standard inputs, one a test."""
    rng = random.Random(1)
    return [f"{n}\n{' '.join(str(rng.randint(-(10**9), 10**9)) for _ in range(n))}\n" for n in (1, 10, 1000, 3000)]
