"""The official data, imported once: rows in Parquet, test cases in Parquet, each content once and compressed.

:func:`import_data` makes such a folder; ``PIE_DATA_DIR`` (or ``data_dir``) may then name it in place of the folder of
downloaded files, and gives the same rows, the same tests and the same content hash.
"""

from pie_tasks.dataset.imported.importer import ImportResult, import_data
from pie_tasks.dataset.imported.reader import ImportedTests, read_imported_rows

__all__ = [
    "ImportResult",
    "ImportedTests",
    "import_data",
    "read_imported_rows",
]
