"""Number of distinct values among N integers."""

import random


def inputs() -> list[str]:
    """Standard inputs, one a test."""
    rng = random.Random(7)
    out = ["1\n5\n"]
    for n, hi in ((10, 4), (400, 1000), (1500, 200), (2000, 100000)):
        out.append(f"{n}\n" + "\n".join(str(rng.randint(0, hi)) for _ in range(n)) + "\n")
    return out
