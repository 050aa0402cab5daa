"""Cells of an H x W grid reachable from the upper left one in at most D steps (walls '#')."""

import random


def inputs() -> list[str]:
    """Standard inputs, one a test."""
    rng = random.Random(2424)
    out = ["1 1 0\n.\n", "1 5 3\n.....\n", "2 2 9\n.#\n#.\n"]
    for h, w, d, p in (
        (6, 6, 5, 20),
        (20, 20, 50, 25),
        (40, 30, 100, 15),
        (40, 40, 60, 10),
        (45, 45, 200, 30),
        *((h, h + 1, 2 * h, 20) for h in range(2, 16)),
    ):
        rows = [["#" if rng.randrange(100) < p else "." for _ in range(w)] for _ in range(h)]
        rows[0][0] = "."
        out.append(f"{h} {w} {d}\n" + "\n".join(map("".join, rows)) + "\n")
    out.append("40 40 1000\n" + "\n".join("." * 40 for _ in range(40)) + "\n")
    snake = ["." * 41 if i % 2 == 0 else "#" * 40 + "." if i % 4 == 1 else "." + "#" * 40 for i in range(41)]
    out.append("41 41 700\n" + "\n".join(snake) + "\n")
    return out
