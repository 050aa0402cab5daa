"""Sort N integers; print them on one line."""

import random


def inputs() -> list[str]:
    """Standard inputs, one a test."""
    rng = random.Random(12)
    out = ["1\n5\n", "1000\n" + " ".join(str(1000 - i) for i in range(1000)) + "\n"]
    for n, hi in ((10, 9), (600, 10000), (1200, 500)):
        out.append(f"{n}\n" + " ".join(str(rng.randint(0, hi)) for _ in range(n)) + "\n")
    return out
