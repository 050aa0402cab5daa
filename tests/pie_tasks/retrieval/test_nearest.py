"""Retrieval: the nearest pairs come first, and a row's own pair never comes."""

import os
import subprocess
import sys

import pytest

from pie_tasks.dataset import load_split
from pie_tasks.retrieval import RETRIEVERS, nearest_pairs
from pie_tasks.retrieval.base import Program
from sandbox.types import SandboxError


@pytest.fixture
def load(tmp_path, raw_row, write_lines):
    """Makes a split of one row and training rows, each given as keyword columns."""

    def make(row, train):
        write_lines(tmp_path / "val.jsonl", [raw_row(**{"tests": None, **row})])
        write_lines(tmp_path / "train.jsonl", [raw_row(**columns) for columns in train])
        return load_split("pie_val", tmp_path)

    return make


def problems(split, k):
    return [pair.problem_id for pair in nearest_pairs(split.rows[0], split.train, k)]


def test_the_most_similar_program_is_first(load):
    split = load(
        {"problem": "p0", "src_code": "for (int i = 0; i < n; i++) sum += a[i];"},
        [
            {"problem": "p1", "src_code": "while (x != 1) x = x % 2 ? 3 * x + 1 : x / 2;"},
            {"problem": "p2", "src_code": "for (int i = 0; i < n; i++) sum += b[i];"},
            {"problem": "p3", "src_code": "for (int i = 0; i < n; i++) printf(x);"},
        ],
    )
    assert problems(split, 3) == ["p2", "p3", "p1"]


def test_the_same_problem_and_the_same_programs_are_never_shown(load):
    split = load(
        {"problem": "p0", "src_code": "int main() { slow(); }", "tgt_code": "int main() { fast(); }"},
        [
            {"problem": "p0", "src": "s2", "src_code": "int main() { slow(); slow(); }"},
            {"problem": "p1", "src_code": "int  main()\n{ slow(); } // the same program"},
            {"problem": "p2", "src_code": "int main() { other(); }", "tgt_code": "int main(){fast();}"},
            {"problem": "p3", "src_code": "int main() { fast(); }"},
            {"problem": "p4", "src_code": "unlike()"},
        ],
    )
    assert problems(split, 1) == ["p4"]
    with pytest.raises(SandboxError, match="pair p0_s1_t1: pie_train has only 1 pairs that may be shown, 2 are asked"):
        problems(split, 2)


def test_a_crowd_of_the_same_problem_does_not_hide_the_others(load):
    crowd = [{"problem": "p0", "src": f"s{n}", "src_code": f"read(n); print(n, {n});"} for n in range(200)]
    split = load(
        {"problem": "p0", "src": "sx", "src_code": "read(n); print(n);"},
        [*crowd, {"problem": "p1", "src_code": "far"}, {"problem": "p2", "src_code": "print(far);"}],
    )
    assert problems(split, 2) == ["p2", "p1"]


def test_a_program_with_several_faster_versions_shows_the_fastest_once(load):
    code = "int main() { a(); }"
    split = load(
        {"problem": "p0"},
        [
            {"problem": "p1", "tgt": "t1", "src_code": code, "speedup": 2.0},
            {"problem": "p1", "tgt": "t2", "src_code": code + " ", "speedup": 5.0},
            {"problem": "p1", "tgt": "t3", "src_code": code, "speedup": 3.0},
            {"problem": "p2"},
        ],
    )
    pairs = nearest_pairs(split.rows[0], split.train, 2)
    assert sorted(pair.pair_id for pair in pairs) == ["p1_s1_t2", "p2_s1_t1"]


def test_ties_keep_the_order_of_the_training_file(load):
    rows = [{"problem": f"p{n}", "src_code": f"{{ v{n}; }}"} for n in (5, 3, 9, 1)]
    assert problems(load({"problem": "p0", "src_code": "{ w; }"}, rows), 4) == ["p5", "p3", "p9", "p1"]


def test_a_query_that_shares_no_token_still_has_an_answer(load):
    split = load({"problem": "p0", "src_code": "@"}, [{"problem": "p1"}, {"problem": "p2", "src": "s2"}])
    assert problems(split, 2) == ["p1", "p2"]


def test_wrong_numbers_and_names(load):
    split = load({"problem": "p0"}, [{"problem": "p1"}])
    with pytest.raises(SandboxError, match="must be at least 1, not 0"):
        problems(split, 0)
    with pytest.raises(SandboxError, match="unknown retriever 'grep'; choose one of: bm25, codebert"):
        nearest_pairs(split.rows[0], split.train, 1, "grep")


def test_the_index_is_built_once(load, monkeypatch):
    built = []

    class Counting:
        def __init__(self, programs):
            built.append(len(programs))

        def ranked(self, query: Program, count):
            return list(range(count))[::-1]

    monkeypatch.setitem(RETRIEVERS._entries, "counting", Counting)
    split = load({"problem": "p0"}, [{"problem": "p1", "src": "s1"}, {"problem": "p2", "src": "s2"}])
    for _ in range(3):
        assert nearest_pairs(split.rows[0], split.train, 1, "counting")[0].problem_id == "p2"
    assert built == [2]


SCRIPT = """
import sys
from pathlib import Path
from pie_tasks.dataset import load_split
from pie_tasks.retrieval import nearest_pairs
split = load_split("pie_val", Path(sys.argv[1]))
for row in split.rows[::60]:
    print(row.pair_id, *(pair.pair_id for pair in nearest_pairs(row, split.train, 4)))
"""


def test_the_order_is_the_same_in_every_process(real_data, tmp_path):
    for name in ("val.jsonl", "train.jsonl"):
        (tmp_path / name).symlink_to(real_data / "pie_val_rows.jsonl")
    outputs = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT, tmp_path],
            env={**os.environ, "PYTHONHASHSEED": seed},
            stdout=subprocess.PIPE,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1
    assert outputs.pop().count(b"\n") == 18


def test_real_programs_find_their_own_kind(real_data, tmp_path, write_lines, raw_row):
    """With the problem's name hidden, the nearest of the real programs solves the same problem far beyond chance."""
    (tmp_path / "train.jsonl").symlink_to(real_data / "pie_val_rows.jsonl")
    (tmp_path / "val.jsonl").symlink_to(real_data / "pie_val_rows.jsonl")
    train = load_split("pie_train", tmp_path)
    queries = list({row.src_id: row for row in train.rows}.values())[::3]
    hidden = [raw_row("hidden", row.src_id, src_code=row.src_code, tests=None) for row in queries]
    write_lines(tmp_path / "test.jsonl", hidden)
    asked = load_split("pie_test", tmp_path).rows
    hits = sum(
        nearest_pairs(a, train, 1)[0].problem_id == row.problem_id for a, row in zip(asked, queries, strict=True)
    )
    assert hits / len(queries) > 0.75
