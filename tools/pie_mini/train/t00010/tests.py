"""Prime factors of N in ascending order, in the form "N: p q r"."""


def inputs() -> list[str]:
    """Standard inputs, one a test."""
    return [f"{n}\n" for n in (2, 12, 126, 999983, 65536, 720720, 1000003)]
