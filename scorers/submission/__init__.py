"""Bundles of a run's generations, verdicts and figures: packed, checked, measured again, exported."""

from scorers.submission.archive import BundleError
from scorers.submission.bundle import Bundle, SplitFacts, bundle_members, open_bundle, write_bundle
from scorers.submission.check import check_bundle
from scorers.submission.remeasure import Outcome, choose, remeasure
from scorers.submission.run import About, Run, make_run
from scorers.submission.schema import SCHEMA, SCHEMA_FILE

__all__ = [
    "SCHEMA",
    "SCHEMA_FILE",
    "About",
    "Bundle",
    "BundleError",
    "Outcome",
    "Run",
    "SplitFacts",
    "bundle_members",
    "check_bundle",
    "choose",
    "make_run",
    "open_bundle",
    "remeasure",
    "write_bundle",
]
