"""Area under the polyline through N points (trapezoids), with eight decimals; x ascending."""

import random


def inputs() -> list[str]:
    """Standard inputs, one a test."""
    rng = random.Random(1919)
    out = ["2\n0 0\n1 1\n", "3\n-1 0.5\n0 0.5\n2 0.5\n", "2\n5 -3\n6 -3\n"]
    for n in (5, 20, 60, 110, 180, 250, 320, *range(3, 45, 3)):
        xs = sorted(rng.sample(range(-100000, 100000), n))
        out.append(f"{n}\n" + "\n".join(f"{x / 100:.2f} {rng.uniform(-9, 9):.4f}" for x in xs) + "\n")
    return out
