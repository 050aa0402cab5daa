"""Count N words; print each distinct word and its number, in ASCII order."""

import random


def inputs() -> list[str]:
    """Standard inputs, one a test."""
    rng = random.Random(606)
    out = ["1\na\n", "4\nZ z Z aB\n", "6\nab\nabc\na\nabc\nab\nabc\n"]
    for n, kinds, ln in (
        (30, 8, 3),
        (500, 40, 6),
        (900, 10, 12),
        (900, 300, 8),
        (1000, 60, 5),
        (1100, 120, 10),
        (1200, 25, 4),
        *((n, n // 2, 4) for n in range(4, 60, 4)),
    ):
        pool = ["".join(rng.choice("abcdeABCDE") for _ in range(rng.randint(1, ln))) for _ in range(kinds)]
        out.append(f"{n}\n" + "\n".join(rng.choice(pool) for _ in range(n)) + "\n")
    return out
