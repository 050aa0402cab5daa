"""Shortest distance from vertex 1 to every vertex of an undirected graph without weights (-1 if unreachable)."""

import random


def inputs() -> list[str]:
    """Standard inputs, one a test."""
    rng = random.Random(15)
    out = ["1 0\n"]
    for n, m in ((6, 5), (80, 160), (250, 500)):
        edges = [f"{rng.randint(1, n)} {rng.randint(1, n)}" for _ in range(m)]
        out.append(f"{n} {m}\n" + "\n".join(edges) + "\n")
    return out
