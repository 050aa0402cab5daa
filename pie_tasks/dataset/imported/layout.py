"""Where an imported data set keeps what.

::

    manifest.json         what is here; written last, so a folder without it is no data set
    rows/test.parquet     one file a split, in the official column names
    tests/index.parquet   (folder, problem, test) -> hashes and places of its input and its expected output
    tests/00000.parquet   contents by SHA-256, each once, zstd-compressed
    unfinished/           only during an import: its journal, from which a killed import goes on
"""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

ROWS = "rows"
TESTS = "tests"
INDEX = "index.parquet"

ROW_SCHEMA = pa.schema(
    [
        ("problem_id", pa.string()),
        ("src_id", pa.string()),
        ("tgt_id", pa.string()),
        ("src_code", pa.string()),
        ("tgt_code", pa.string()),
        ("tests", pa.list_(pa.string())),
        ("src_agg_runtime", pa.float64()),
        ("tgt_agg_runtime", pa.float64()),
        ("fastest_agg_runtime", pa.float64()),
        ("speedup", pa.float64()),
        ("target_reward_updated_pct_bin", pa.int8()),
        ("extra", pa.string()),  # all further columns of the published row, as JSON
    ]
)

CONTENT_SCHEMA = pa.schema([("sha256", pa.binary(32)), ("content", pa.large_binary())])

INDEX_SCHEMA = pa.schema(
    [
        ("folder", pa.string()),
        ("problem_id", pa.string()),
        ("test", pa.string()),
        *(
            (f"{kind}_{column}", kind_of)
            for kind in ("input", "output")
            for column, kind_of in (("sha256", pa.binary(32)), ("file", pa.int32()), ("group", pa.int32()))
        ),
    ]
)


def content_file(folder: Path, number: int) -> Path:
    """The file of test contents with a number."""
    return folder / TESTS / f"{number:05}.parquet"
