"""Product of two N x N matrices (|entries| <= 10^9), the results in 0..10^9+6."""

import random


def inputs() -> list[str]:
    """Standard inputs, one a test."""
    rng = random.Random(1313)
    out = ["1\n-1\n1\n", "2\n1 2\n3 4\n0 1\n1 0\n", "2\n1000000000 1000000000\n-1000000000 1\n1000000000 0\n7 -7\n"]
    for n, lim in (
        (5, 1000000000),
        (9, 1000000000),
        (24, 1000000000),
        (33, 1000000000),
        (40, 1000),
        (36, 1000000000),
        *((n, 10**6) for n in range(2, 16)),
    ):
        rows = [" ".join(str(rng.randint(-lim, lim)) for _ in range(n)) for _ in range(2 * n)]
        out.append(f"{n}\n" + "\n".join(rows) + "\n")
    out.append("52\n" + "1000000000 999999999 1000000000 999999993\n" * 1352)
    return out
