"""Print the multiplication table 1x1=1 .. 9x9=81, one product a line (there is nothing to read)."""


def inputs() -> list[str]:
    """Standard inputs, one a test."""
    return ["\n" * (i + 1) for i in range(24)]
