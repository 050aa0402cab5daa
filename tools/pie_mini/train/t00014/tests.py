"""Transpose an H x W matrix."""

import random


def inputs() -> list[str]:
    """Standard inputs, one a test."""
    rng = random.Random(14)
    out = []
    for h, w in ((1, 1), (2, 3), (20, 10), (40, 50)):
        rows = [" ".join(str(rng.randint(-99, 99)) for _ in range(w)) for _ in range(h)]
        out.append(f"{h} {w}\n" + "\n".join(rows) + "\n")
    return out
