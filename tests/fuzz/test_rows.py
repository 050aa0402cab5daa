"""A data set's file is read or refused in one line, whatever is in it."""

import json
from pathlib import Path

from hypothesis import example, given
from hypothesis import strategies as st

from pie_tasks.dataset.rows import parse_row, read_rows
from sandbox.types import SandboxError
from tests.fuzz.conftest import FUZZ

GOOD = {"problem_id": "p1", "src_id": "s1", "tgt_id": "t1", "src_code": "int main() {}", "tgt_code": "int main() {}"}
COLUMNS = [*GOOD, "src_agg_runtime", "tgt_agg_runtime", "fastest_agg_runtime", "speedup", "tests"]
COLUMNS += ["target_reward_updated_pct_bin", "src_instructions", "tgt_instructions"]
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=6)
    | st.sampled_from([10**400, -(10**400), 0, 11, 1e308, "7", "p1", "../x", "\ud800"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)
rows = st.dictionaries(st.sampled_from(COLUMNS), values, max_size=5).map(lambda changed: {**GOOD, **changed})


@FUZZ
@given(rows)
@example({**GOOD, "src_agg_runtime": 10**400})
@example({**GOOD, "src_agg_runtime": 1e308, "tgt_agg_runtime": 5e-324})
@example({**GOOD, "src_instructions": 10**400, "tgt_instructions": 1})
def test_a_row_or_one_line(row: dict[str, object]) -> None:
    try:
        parsed = parse_row(row, "file, line 1")
    except SandboxError as error:
        assert "\n" not in str(error)
        assert "file, line 1" in str(error)
    else:
        assert "/" not in parsed.pair_id


@FUZZ
@given(st.lists(rows.map(json.dumps).map(str.encode) | st.binary(max_size=30), max_size=3))
@example([b"[" * 100_000])
@example([b'{"a": ' * 100_000])
@example([json.dumps(GOOD).encode().replace(b"p1", b"1" * 5000)])
@example([b'{"x": ' + b"1" * 5000 + b"}"])
def test_a_file_or_one_line(tmp_path: Path, lines: list[bytes]) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_bytes(b"\n".join(lines))
    try:
        assert read_rows(file)
    except SandboxError as error:
        assert str(file) in str(error)
