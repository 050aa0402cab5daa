"""For each of N integers, the next greater one to its right (-1 if none)."""

import random


def inputs() -> list[str]:
    """Standard inputs, one a test."""
    rng = random.Random(8)
    out = ["1\n5\n", "1500\n" + " ".join(str(1500 - i) for i in range(1500)) + "\n"]
    for n, hi in ((10, 9), (500, 1000), (1200, 100000)):
        out.append(f"{n}\n" + " ".join(str(rng.randint(0, hi)) for _ in range(n)) + "\n")
    return out
