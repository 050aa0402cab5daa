"""0-1 knapsack: N items with weight and value, capacity W; greatest total value."""

import random


def inputs() -> list[str]:
    """Standard inputs, one a test."""
    rng = random.Random(1717)
    out = ["1 1\n1 5\n", "1 3\n4 9\n", "3 8\n3 30\n4 50\n5 60\n"]
    for n, w, hi in (
        (6, 15, 6),
        (20, 300, 40),
        (50, 1000, 90),
        (40, 1500, 200),
        (60, 2000, 150),
        (40, 3000, 400),
        *((n, 5 * n, 9) for n in range(2, 16)),
    ):
        rows = [f"{rng.randint(1, hi)} {rng.randint(1, 10**9)}" for _ in range(n)]
        out.append(f"{n} {w}\n" + "\n".join(rows) + "\n")
    out.append("40 2000\n" + "\n".join(f"{100 + i} 1000000000" for i in range(40)) + "\n")
    return out
