"""N range additions l r x on an array of M zeros (1-based, inclusive); print the greatest element."""

import random


def inputs() -> list[str]:
    """Standard inputs, one a test."""
    rng = random.Random(2020)
    out = ["5 1\n1 5 3\n", "5 3\n1 2 100\n2 5 100\n3 4 100\n", "10 2\n1 10 -5\n3 9 -7\n"]
    for m, n in (
        (100, 20),
        (1000, 200),
        (1500, 100),
        (2000, 150),
        (2500, 200),
        (4000, 150),
        (4, 600),
        *((3 * n, n) for n in range(2, 16)),
    ):
        rows = []
        for _ in range(n):
            left, right = sorted((rng.randint(1, m), rng.randint(1, m)))
            rows.append(f"{left} {right} {rng.randint(-500, 10**6)}")
        out.append(f"{m} {n}\n" + "\n".join(rows) + "\n")
    return out
