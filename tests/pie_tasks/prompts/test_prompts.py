"""Prompts: what each strategy says, in which order, and what it may never show."""

import re

import pytest

from pie_tasks.dataset import load_split
from pie_tasks.prompts import STOP, STRATEGIES, build_prompt, training_text
from sandbox.types import SandboxError

PAPER = {"instruct", "few_shot", "cot", "retrieval_k1", "retrieval_k2", "retrieval_k4", "perf_tag"}
OFFLINE = sorted(PAPER)

PROGRAM = """#include <iostream>

int main() {{
    int n;
    std::cin >> n;
    std::cout << {body};
}}
"""


@pytest.fixture
def split(tmp_path, raw_row, write_lines):
    """One row to ask for and, for training, six pairs that resemble it less and less, and one of its own problem."""

    def row(problem, terms, **columns):
        body = " << ".join(f"n * {term}" for term in terms)
        return raw_row(
            problem,
            src_code=PROGRAM.format(body=body),
            tgt_code=f"int main() {{ return fast_{problem}; }}",
            tests=None,
            **columns,
        )

    train = [row(f"p{n}", [*range(50, 50 + 5 - n), *(f"{n}00{i}" for i in range(n))]) for n in range(1, 6)]
    own = row("p0", range(50, 55), target_reward_updated_pct_bin=7)
    write_lines(tmp_path / "train.jsonl", [*reversed(train), own])
    write_lines(tmp_path / "val.jsonl", [own])
    return load_split("pie_val", tmp_path)


def shown(prompt):
    """Problems of the examples in a prompt, in order."""
    return re.findall(r"fast_(p\d)", prompt)


def test_the_papers_strategies_are_registered():
    assert set(STRATEGIES.names()) >= PAPER


def test_an_unknown_strategy_is_one_line_that_lists_the_known(split):
    with pytest.raises(SandboxError, match="unknown prompt strategy 'magic'; choose one of: cot, few_shot, instruct"):
        build_prompt("magic", split.rows[0], split)


@pytest.mark.parametrize("strategy", OFFLINE)
def test_every_prompt_holds_the_program_and_never_its_target(split, strategy):
    prompt = build_prompt(strategy, split.rows[0], split)
    assert prompt.count(split.rows[0].src_code) == 1
    assert "fast_p0" not in prompt
    assert prompt == build_prompt(strategy, split.rows[0], split)


@pytest.mark.parametrize(
    ("strategy", "text"),
    [
        (
            "instruct",
            "Given the program below, improve its performance:\n\n### Program:\n{}\n\n### Optimized Version:\n",
        ),
        (
            "perf_tag",
            "This is a slow program we want to optimize 10/10. ### Program:\n{}\n\n"
            "### Optimized Version with score 10/10:\n",
        ),
    ],
)
def test_the_papers_wording(split, strategy, text):
    assert build_prompt(strategy, split.rows[0], split) == text.format(split.rows[0].src_code)


def test_chain_of_thought_asks_for_the_strategy_first(split):
    prompt = build_prompt("cot", split.rows[0], split)
    assert prompt.endswith("Strategy: ")
    assert "potential strategy" in prompt


@pytest.mark.parametrize("k", [1, 2, 4])
def test_retrieval_puts_the_nearest_example_last(split, k):
    prompt = build_prompt(f"retrieval_k{k}", split.rows[0], split)
    assert shown(prompt) == [f"p{n}" for n in range(k, 0, -1)]
    assert prompt.endswith("// optimized version of the same code:\n\n")
    assert prompt.count("// slower version:") == k + 1


def test_few_shot_shows_the_same_two_pairs_for_every_row(split, raw_row, tmp_path, write_lines):
    write_lines(tmp_path / "val.jsonl", [raw_row("p70", tests=None), raw_row("p71", tests=None)])
    other = load_split("pie_val", tmp_path)
    first, second = (shown(build_prompt("few_shot", row, other)) for row in other.rows)
    assert first == second
    assert len(set(first)) == 2


def test_few_shot_never_shows_the_rows_own_problem(split):
    for row in split.train.rows:
        pairs = shown(build_prompt("few_shot", row, split))
        assert len(set(pairs)) == 2
        assert row.problem_id not in pairs


def test_few_shot_leaves_out_long_and_useless_pairs(tmp_path, raw_row, write_lines):
    rows = [
        raw_row("p1", src_code="int main() {}" + "// x" * 500),
        raw_row("p2", tgt_code="int main() {}" + "// x" * 500),
        raw_row("p3", tgt_agg_runtime=0.199),
        raw_row("p4", tgt_agg_runtime=None),
        raw_row("p5"),
    ]
    write_lines(tmp_path / "val.jsonl", [raw_row("p6", tests=None)])
    write_lines(tmp_path / "train.jsonl", rows)
    split = load_split("pie_val", tmp_path)
    with pytest.raises(SandboxError, match=r"few_shot needs 2 pairs .* in pie_train.*; it has 1"):
        build_prompt("few_shot", split.rows[0], split)
    write_lines(tmp_path / "train.jsonl", [*rows, raw_row("p9")])
    split = load_split("pie_val_public", tmp_path)
    assert build_prompt("few_shot", split.rows[0], split).count("// slower version:") == 3


def test_examples_lose_their_blank_lines_and_the_question_keeps_them(split):
    prompt = build_prompt("retrieval_k1", split.rows[0], split)
    assert prompt.count("#include <iostream>\nint main") == 1
    assert prompt.count("#include <iostream>\n\nint main") == 1


def test_training_text_takes_any_tag(split):
    row = split.rows[0]
    for tag in (1, 4, 10):
        text = training_text(row, tag)
        assert text.endswith(row.tgt_code)
        assert text.count(f"{tag}/10") == 2
    assert training_text(row) == training_text(row, 7)
    assert training_text(row, 10).removesuffix(row.tgt_code) == build_prompt("perf_tag", row, split)


@pytest.mark.parametrize("tag", [0, 11, -1])
def test_a_tag_outside_the_scale_is_refused(split, tag):
    with pytest.raises(SandboxError, match=f"from 1 to 10, not {tag}"):
        training_text(split.rows[0], tag)


def test_a_row_without_a_tag_needs_one(split):
    with pytest.raises(SandboxError, match="has no performance tag"):
        training_text(split.train.rows[0])


def test_stop_texts_occur_in_no_real_program(real_data, tmp_path):
    (tmp_path / "val.jsonl").symlink_to(real_data / "pie_val_rows.jsonl")
    codes = [code for row in load_split("pie_val", tmp_path).rows for code in (row.src_code, row.tgt_code)]
    assert not [stop for stop in STOP for code in codes if stop in code]


@pytest.mark.parametrize("strategy", OFFLINE)
def test_real_rows(real_data, tmp_path, strategy):
    (tmp_path / "val.jsonl").symlink_to(real_data / "pie_val_rows.jsonl")
    (tmp_path / "train.jsonl").symlink_to(real_data / "pie_val_rows.jsonl")
    split = load_split("pie_val", tmp_path)
    for row in split.rows[::100]:
        prompt = build_prompt(strategy, row, split)
        assert row.src_code in prompt
        assert row.tgt_code not in prompt
