"""Q queries l r: how many primes lie in [l, r] (0 <= l <= r <= 60000)."""

import random


def inputs() -> list[str]:
    """Standard inputs, one a test."""
    rng = random.Random(909)
    out = ["1\n0 0\n", "5\n0 1\n1 1\n1 2\n2 2\n4 4\n", "3\n0 10\n90 97\n24 28\n"]
    for q, hi in ((40, 800), (30, 2000), (16, 5000), (60, 1500), (5, 12000), *((q, 100) for q in range(2, 16))):
        rows = []
        for _ in range(q):
            low, high = sorted((rng.randint(0, hi), rng.randint(0, hi)))
            rows.append(f"{low} {high}")
        out.append(f"{q}\n" + "\n".join(rows) + "\n")
    out.append("1\n1 15000\n")
    out.append("2\n59000 60000\n2 3\n")
    return out
