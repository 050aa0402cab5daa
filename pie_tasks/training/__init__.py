"""Training files from pairs: selection, tags, deduplication, leakage check, formats."""

from pie_tasks.training.export import ExportOptions, ExportReport, export
from pie_tasks.training.formats import FORMATS, Example
from pie_tasks.training.leaks import Finding, Leak, LeakCheck
from pie_tasks.training.normalise import normal_form
from pie_tasks.training.select import SELECTIONS

__all__ = [
    "FORMATS",
    "SELECTIONS",
    "Example",
    "ExportOptions",
    "ExportReport",
    "Finding",
    "Leak",
    "LeakCheck",
    "export",
    "normal_form",
]
