"""Rows and data folders for the tests of data, prompts and retrieval."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

SHARED = Path(__file__).parents[3] / "shared" / "data"


@pytest.fixture
def real_data() -> Path:
    """Folder of real rows beside the checkout; the test is skipped where it is absent."""
    if not SHARED.is_dir():
        pytest.skip(f"no real rows at {SHARED}")
    return SHARED


@pytest.fixture
def raw_row() -> Callable[..., dict[str, Any]]:
    """Makes a row with the official columns."""

    def make(problem: str = "p1", src: str = "s1", tgt: str = "t1", **columns: Any) -> dict[str, Any]:
        return {
            "problem_id": problem,
            "src_id": src,
            "tgt_id": tgt,
            "src_code": f"int main() {{ return {problem} + {src}; }}\n",
            "tgt_code": f"int main() {{ return {problem} + {tgt}; }}\n",
            "src_agg_runtime": 0.2,
            "tgt_agg_runtime": 0.1,
            "tests": ["0", "1"],
            **columns,
        }

    return make


@pytest.fixture
def write_lines() -> Callable[[Path, list[dict[str, Any]]], Path]:
    """Writes rows as JSON lines."""

    def write(path: Path, rows: list[dict[str, Any]]) -> Path:
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        return path

    return write


@pytest.fixture
def data_dir(tmp_path, raw_row, write_lines) -> Path:
    """A data folder in the official layout: problems p1 and p2 to score, p8 and p9 to show, p1 and p2 with tests."""
    write_lines(tmp_path / "test.jsonl", [raw_row(), raw_row(src="s2"), raw_row("p2", tests=["1"])])
    val = raw_row("p2")
    del val["tests"]
    write_lines(tmp_path / "val.jsonl", [val])
    write_lines(tmp_path / "train.jsonl", [raw_row("p8", "s8", "t8"), raw_row("p9", "s9", "t9")])
    for folder, numbers in (("merged_test_cases", (0, 1, 10)), ("public_test_cases", (0,))):
        for problem in ("p1", "p2"):
            (tmp_path / folder / problem).mkdir(parents=True)
            for number in numbers:
                (tmp_path / folder / problem / f"input.{number}.txt").write_text(f"{folder} {problem} {number}\n")
                (tmp_path / folder / problem / f"output.{number}.txt").write_text(f"{number}\n")
    return tmp_path
