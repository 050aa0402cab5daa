"""Length of the longest strictly increasing subsequence of N integers."""

import random


def inputs() -> list[str]:
    """Standard inputs, one a test."""
    rng = random.Random(505)
    out = ["1\n5\n", "5\n3 3 3 3 3\n", "4\n4 3 2 1\n"]
    for n, hi in (
        (300, 1000),
        (700, 100),
        (900, 30),
        (1000, 1000000),
        (1200, 5000),
        *((n, 40) for n in range(4, 60, 4)),
    ):
        out.append(f"{n}\n" + "\n".join(str(rng.randint(0, hi)) for _ in range(n)) + "\n")
    a = [i // 2 * 3 for i in range(900)]
    out.append("900\n" + "\n".join(map(str, a)) + "\n")
    for _ in range(90):
        i, j = rng.randrange(900), rng.randrange(900)
        a[i], a[j] = a[j], a[i]
    out.append("900\n" + "\n".join(map(str, a)) + "\n")
    return out
