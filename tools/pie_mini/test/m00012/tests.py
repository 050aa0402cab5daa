"""For T strings of the brackets ()[] print Yes if balanced, else No."""

import random


def balanced(rng: random.Random, n: int) -> str:
    """A balanced string of about ``n`` brackets."""
    out, st = [], []
    for i in range(n):
        left = n - i
        if st and (len(st) >= left or rng.random() < 0.45):
            out.append(st.pop())
        else:
            a, b = rng.choice(("()", "[]"))
            out.append(a)
            st.append(b)
    return "".join(out)


def inputs() -> list[str]:
    """Standard inputs, one a test."""
    rng = random.Random(1212)
    out = [
        "1\n(\n",
        "2\n()\n)(\n",
        "6\n([)]\n[]()\n((\n]\n[(])\n([])[\n",
        "2\n" + "[" * 60 + "]" * 60 + "\n" + "(" * 50 + ")" * 49 + "\n",
    ]
    for t, n in ((10, 8), (30, 60), (25, 200), (40, 100), (10, 600), (3, 2000), *((t, 12) for t in range(2, 16))):
        rows = []
        for _ in range(t):
            s = balanced(rng, 2 * rng.randint(n // 4, n // 2))
            r = rng.randrange(6)
            if r == 0:
                s = s[:-1]
            elif r == 1:
                i = rng.randrange(len(s))
                s = s[:i] + rng.choice("()[]") + s[i + 1 :]
            rows.append(s)
        out.append(f"{t}\n" + "\n".join(rows) + "\n")
    return out
