"""Count the pairs i<j with A_i + A_j == K (|A_i| <= 2*10^9)."""

import random


def inputs() -> list[str]:
    """Standard inputs, one a test."""
    rng = random.Random(101)
    out = [
        "1 5\n5\n",
        "2 4000000000\n2000000000 2000000000\n",
        "5 6\n3 3 3 3 3\n",
        "4 -4000000000\n-2000000000 -2000000000 -2000000000 7\n",
    ]
    for n, lim in (
        (10, 5),
        (400, 100),
        (700, 1000),
        (1200, 2000000000),
        (1300, 500),
        *((n, 9) for n in range(3, 45, 3)),
    ):
        a = [rng.randint(-lim, lim) for _ in range(n)]
        k = a[0] + a[1]
        out.append(f"{n} {k}\n{' '.join(map(str, a))}\n")
    out.append("900 0\n" + " ".join(str(i % 7 - 3) for i in range(900)) + "\n")
    return out
