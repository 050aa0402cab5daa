"""Running sums of N integers, one a line (the sums do not fit in 32 bits)."""

import random


def inputs() -> list[str]:
    """Standard inputs, one a test."""
    rng = random.Random(1111)
    out = ["1\n0\n", "2\n-5\n5\n", "3\n2000000000\n2000000000\n2000000000\n", "6\n-1 -2 -3 4 5 6\n"]
    for n, lim in (
        (40, 10),
        (300, 2000000000),
        (500, 10),
        (800, 1000000),
        (1000, 500),
        *((n, 1000) for n in range(3, 45, 3)),
    ):
        out.append(f"{n}\n" + " ".join(str(rng.randint(-lim, lim)) for _ in range(n)) + "\n")
    out.append("700\n" + "\n".join("2147483647" for _ in range(700)) + "\n")
    return out
