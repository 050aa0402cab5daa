"""Read a name and three integers; print their sum, the larger of the first two, and the name."""

import random


def inputs() -> list[str]:
    """Standard inputs, one a test."""
    rng = random.Random(1414)
    names = ["a", "zz", "alice", "bob", "x" * 60, "carol", "Dave", "eve", "mallory", "p" * 99]
    names += [name + str(number) for number in (1, 22) for name in names[:7]]
    return [f"{rng.randint(1, 1000)}\n{rng.randint(1, 1000)} {rng.randint(1, 1000)}\n{name}\n" for name in names]
