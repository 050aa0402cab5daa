"""Josephus survivor for T queries n k (n <= 1500, k <= 1000)."""

import random


def inputs() -> list[str]:
    """Standard inputs, one a test."""
    rng = random.Random(707)
    out = ["1\n1 1\n", "4\n1 9\n2 1\n2 2\n5 3\n", "3\n10 1\n7 100\n100 7\n"]
    for t, n, k in (
        (15, 300, 20),
        (5, 900, 30),
        (3, 700, 100),
        (40, 100, 25),
        (2, 500, 400),
        *((t, 20, 9) for t in range(2, 16)),
    ):
        rows = [f"{rng.randint(n // 2, n)} {rng.randint(1, k)}" for _ in range(t)]
        out.append(f"{t}\n" + "\n".join(rows) + "\n")
    out.append("30\n" + "1500 60\n" * 30)
    out.append("2\n1001 1\n1000 150\n")
    return out
