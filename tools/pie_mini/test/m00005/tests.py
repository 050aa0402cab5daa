"""Length of the longest strictly increasing subsequence of N integers."""

import random


def inputs() -> list[str]:
    """Standard inputs, one a test."""
    rng = random.Random(505)
    out = ["1\n5\n", "5\n3 3 3 3 3\n", "4\n4 3 2 1\n"]
    for n, hi in ((500, 1000), (1500, 100), (2000, 30), (2200, 1000000), (2600, 5000)):
        out.append(f"{n}\n" + "\n".join(str(rng.randint(0, hi)) for _ in range(n)) + "\n")
    a = [i // 2 * 3 for i in range(2000)]
    out.append("2000\n" + "\n".join(map(str, a)) + "\n")
    for _ in range(200):
        i, j = rng.randrange(2000), rng.randrange(2000)
        a[i], a[j] = a[j], a[i]
    out.append("2000\n" + "\n".join(map(str, a)) + "\n")
    return out
