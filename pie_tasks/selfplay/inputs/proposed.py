"""Inputs from a generator that a model wrote: a C++ program that turns a number into an input, run in the sandbox."""

from __future__ import annotations

from collections.abc import Sequence

from sandbox.programs import Programs
from sandbox.types import succeeded

_EXAMPLES = 3
_EXAMPLE_BYTES = 300


def generator_prompt(code: str, examples: Sequence[bytes]) -> str:
    """What a model is asked for a generator of inputs of a program."""
    shown = "\n".join(
        f"Example input {number}:\n{data[:_EXAMPLE_BYTES].decode(errors='replace')}"
        for number, data in enumerate(examples[:_EXAMPLES], 1)
    )
    return (
        f"This C++ program reads standard input:\n\n### Program:\n{code}\n\n{shown}\n"
        "Write a C++17 program that generates valid inputs for it. It reads one whole number, the seed, from standard"
        " input and prints one input. Different seeds should give inputs of different sizes and values, edge cases among"
        " them, and large ones for large seeds; the same seed must always give the same input.\n"
    )


def run_generator(code: str, count: int, programs: Programs) -> list[bytes]:
    """The different inputs that a generator prints for the seeds 1 to ``count``; none where it doesn't compile."""
    executed = programs.execute(code, [f"{seed}\n".encode() for seed in range(1, count + 1)], go_on=True)
    return list(dict.fromkeys(run.stdout for run in executed.runs if succeeded(run) and run.stdout.strip()))
