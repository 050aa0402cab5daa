"""Rows, test cases and splits of the benchmark.

``load_split("pie_mini")`` gives the bundled split; :mod:`pie_tasks.dataset.splits` lists the other names.
"""

from pie_tasks.dataset.check import SplitReport, check_split, report_split
from pie_tasks.dataset.rows import PieRow, parse_row, read_json_lines, read_rows
from pie_tasks.dataset.splits import DATASETS, DatasetSpec, Split, load_split
from pie_tasks.dataset.tests import TestFolder

__all__ = [
    "DATASETS",
    "DatasetSpec",
    "PieRow",
    "Split",
    "SplitReport",
    "TestFolder",
    "check_split",
    "load_split",
    "parse_row",
    "read_json_lines",
    "read_rows",
    "report_split",
]
