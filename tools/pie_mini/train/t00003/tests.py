"""N! modulo 10^9+7 for T queries."""

import random


def inputs() -> list[str]:
    """Standard inputs, one a test."""
    rng = random.Random(3)
    out = ["1\n0\n"]
    for t, hi in ((3, 30), (30, 2000), (60, 5000)):
        out.append(f"{t}\n" + "\n".join(str(rng.randint(0, hi)) for _ in range(t)) + "\n")
    return out
