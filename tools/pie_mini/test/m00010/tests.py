"""N operations on a string (F c: put in front, B c: append, R: reverse); print its length and the string."""

import random


def inputs() -> list[str]:
    """Standard inputs, one a test."""
    rng = random.Random(1010)
    out = ["1\nF x\n", "1\nR\n", "4\nF a\nB b\nR\nF c\n", "5\nB a\nB b\nB c\nR\nR\n"]
    for n, p in (
        (30, 30),
        (500, 30),
        (800, 20),
        (1000, 1),
        (1000, 20),
        (1200, 10),
        *((n, 20) for n in range(4, 60, 4)),
    ):
        ops = []
        for _ in range(n):
            if rng.randrange(100) < p:
                ops.append("R")
            else:
                ops.append(rng.choice("FB") + " " + rng.choice("abcdefghijklmnopqrstuvwxyz0123456789"))
        out.append(f"{n}\n" + "\n".join(ops) + "\n")
    return out
