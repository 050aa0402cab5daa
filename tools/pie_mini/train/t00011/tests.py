"""How many of 1..N have a digit sum between A and B; print their sum."""


def inputs() -> list[str]:
    """Standard inputs, one a test."""
    return ["20 2 5\n", "10 1 2\n", "100 4 16\n", "10000 10 20\n", "30000 1 45\n"]
