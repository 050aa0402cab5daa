"""Fibonacci numbers: for T queries n <= 26 print F(n), with F(0) = F(1) = 1."""

import random


def inputs() -> list[str]:
    """Standard inputs, one a test."""
    rng = random.Random(1616)
    out = ["1\n0\n", "2\n1\n0\n", "3\n2 3 4\n", "1\n26\n", "4\n26\n26\n25\n26\n"]
    for t, hi in ((5, 10), (20, 15), (30, 20), (12, 24), (10, 25), *((t, 12) for t in range(2, 16))):
        out.append(f"{t}\n" + "\n".join(str(rng.randint(0, hi)) for _ in range(t)) + "\n")
    return out
