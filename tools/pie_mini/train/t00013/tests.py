"""Greatest profit from buying once and selling once later (may be negative)."""

import random


def inputs() -> list[str]:
    """Standard inputs, one a test."""
    rng = random.Random(13)
    out = ["2\n5\n3\n"]
    for n, hi in ((10, 9), (500, 10000), (1500, 10**9)):
        out.append(f"{n}\n" + "\n".join(str(rng.randint(1, hi)) for _ in range(n)) + "\n")
    return out
