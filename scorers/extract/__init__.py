"""From a model's response to the program in it."""

from scorers.extract.extract import extract_code

__all__ = ["extract_code"]
