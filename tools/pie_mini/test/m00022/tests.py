"""Edges of a graph arrive one by one: after each, print the number of connected components."""

import random


def inputs() -> list[str]:
    """Standard inputs, one a test."""
    rng = random.Random(2222)
    out = ["1 1\n1 1\n", "3 2\n1 2\n2 3\n", "4 4\n1 2\n2 1\n3 4\n4 3\n"]
    for n, m in (
        (10, 8),
        (40, 30),
        (60, 40),
        (80, 50),
        (100, 60),
        (200, 60),
        *((n, n) for n in range(3, 45, 3)),
    ):
        edges = [f"{rng.randint(1, n)} {rng.randint(1, n)}" for _ in range(m)]
        out.append(f"{n} {m}\n" + "\n".join(edges) + "\n")
    out.append("20000 64\n" + "\n".join(f"{i} {i + 1}" for i in range(1, 65)) + "\n")
    return out
