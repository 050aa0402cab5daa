"""Number of right/down paths through an H x W grid with walls '#', modulo 10^9+7."""

import random


def inputs() -> list[str]:
    """Standard inputs, one a test."""
    rng = random.Random(808)
    out = ["1 1\n.\n", "1 1\n#\n", "2 3\n#..\n...\n", "1 8\n........\n"]
    for h, w, p in (
        (5, 7, 20),
        (25, 30, 10),
        (40, 40, 0),
        (60, 30, 5),
        (24, 50, 3),
        (42, 42, 8),
        *((h, h + 2, 15) for h in range(2, 16)),
    ):
        rows = [["#" if rng.randrange(100) < p else "." for _ in range(w)] for _ in range(h)]
        rows[0][0] = rows[-1][-1] = "."
        out.append(f"{h} {w}\n" + "\n".join(map("".join, rows)) + "\n")
    return out
