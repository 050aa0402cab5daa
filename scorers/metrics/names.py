"""The names of all figures, in one place: what stands in result tables, exports and bundles.

A name is ``BASE@K`` or ``BASE@K/QUALIFIER``; it never changes its meaning. Those without a k are of all samples.

======================  ================================================================================
``%Optimized@8``        share of pairs, in percent, whose best of the first 8 candidates is correct and >= 1.1x faster
``%Optimized@8>=2x``    the same at another threshold
``Speedup@8``           arithmetic mean over pairs of source time / best time, never below 1
``%Correct@8``          share of pairs, in percent, with a correct candidate among the first 8
``.../strict``          under the strict checker; no mark means ``pie_compat``
``.../unbiased``        mean over all choices of k among the pair's n candidates, instead of the first k
``.../median``          median over pairs instead of the mean; ``.../geomean``: geometric mean
``.../low95``           lower end of the 95 % interval, by cluster bootstrap over problems; ``.../high95``: upper end
``.../all_submissions`` with the fastest candidate of the pair's whole problem
``%Flagged``            share of candidates, in percent, with any flag (:mod:`scorers.flags`)
``%Flagged/NAME``       the same of one flag, where a candidate of the run has it
======================  ================================================================================
"""

from __future__ import annotations

OPTIMIZED = "%Optimized"
SPEEDUP = "Speedup"
CORRECT = "%Correct"
FLAGGED = "%Flagged"

HEADLINE_CHECKER = "pie_compat"


def clock_label(engine: str, toolchain: str, timing_tests: int | None = None) -> str:
    """What took a run's times. Arguments as in :func:`run_label`."""
    return f"{engine}@{toolchain}" + ("" if timing_tests is None else f"~{timing_tests}tests")


def run_label(split: str, engine: str, toolchain: str, isolation: str, timing_tests: int | None = None) -> str:
    """Split and clock of a run, as they stand beside every printed and stored figure.

    Args:
        split: The data set split.
        engine: What measures time.
        toolchain: Toolchain root that compiles and runs.
        isolation: What contains the programs; it is named where nothing does.
        timing_tests: How many tests of a problem are timed, where that isn't all: another quantity.
    """
    clock = clock_label(engine, toolchain, timing_tests)
    return f"{split}/{clock}" + ("!uncontained" if isolation == "none" else "")


def figure_name(
    base: str, k: int, *, threshold: float | None = None, checker: str = HEADLINE_CHECKER, how: str = ""
) -> str:
    """The name of a figure.

    Args:
        base: :data:`OPTIMIZED`, :data:`SPEEDUP` or :data:`CORRECT`.
        k: How many candidates of a pair count.
        threshold: Least speedup of an optimized program, where it isn't the usual one.
        checker: What decides correctness.
        how: The qualifier, of those above, that isn't a checker; empty for the published definition.
    """
    name = f"{base}@{k}" + ("" if threshold is None else f">={threshold:g}x")
    marks = [how, "" if checker == HEADLINE_CHECKER else checker]
    return "/".join([name, *(mark for mark in marks if mark)])
