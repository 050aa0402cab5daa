"""Greatest common divisor of Q pairs."""

import random


def inputs() -> list[str]:
    """Standard inputs, one a test."""
    rng = random.Random(6)
    out = ["1\n1 1\n"]
    for q, hi in ((10, 50), (40, 3000), (80, 20000)):
        out.append(f"{q}\n" + "\n".join(f"{rng.randint(1, hi)} {rng.randint(1, hi)}" for _ in range(q)) + "\n")
    return out
