"""Replace every third letter of each of N words by its upper case; print the words in reverse order, one a line."""

import random


def inputs() -> list[str]:
    """Standard inputs, one a test."""
    rng = random.Random(2626)
    out = ["1\na\n", "2\nabc abcdef\n", "3\nz zz zzz\n"]
    for n, size in (
        (10, 5),
        (50, 12),
        (100, 30),
        (300, 8),
        (400, 20),
        (600, 6),
        (250, 60),
        *((n, 7) for n in range(3, 45, 3)),
    ):
        words = [
            "".join(rng.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(rng.randint(1, size))) for _ in range(n)
        ]
        out.append(f"{n}\n{' '.join(words)}\n")
    return out
