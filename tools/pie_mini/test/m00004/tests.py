"""Q queries a b m: print a^b mod m (0 <= b <= 2*10^6, 1 <= m <= 10^9)."""

import random


def inputs() -> list[str]:
    """Standard inputs, one a test."""
    rng = random.Random(404)
    out = ["1\n2 10 1000\n", "3\n5 0 1\n5 0 7\n0 0 3\n", "2\n1000000000 1 1000000000\n999999999 2 1000000000\n"]
    for q, hi in ((20, 40), (10, 30000), (30, 6000), (40, 8000), (5, 70000), *((q, 50) for q in range(2, 16))):
        rows = [f"{rng.randint(0, 10**9)} {rng.randint(0, hi)} {rng.randint(1, 10**9)}" for _ in range(q)]
        out.append(f"{q}\n" + "\n".join(rows) + "\n")
    out.append("1\n3 200000 1000000000\n")
    out.append("2\n123456789 131072 998244353\n2 99999 1\n")
    return out
