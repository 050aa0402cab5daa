"""Training files: what is in them, in each format, the same for the same seed."""

import json
from dataclasses import replace
from pathlib import Path

import datasets
import pytest
from click.testing import CliRunner, Result

from pie_tasks.cli import cli
from pie_tasks.dataset import PieRow, Split, load_split, read_rows
from pie_tasks.prompts import build_prompt, tagged_prompt
from pie_tasks.retrieval import nearest_pairs
from pie_tasks.training.export import ExportOptions, ExportReport, export
from pie_tasks.training.formats import official_row
from pie_tasks.training.read import read_training_file
from pie_tasks.training.select import HQ_PAIRS, high_quality
from sandbox.types import SandboxError
from tests.pie_tasks.training.plant import recommented, renamed


@pytest.fixture(scope="module")
def mini() -> Split:
    return load_split("pie_mini")


def run(split: Split, folder: Path, **options: object) -> ExportReport:
    return export(split, [load_split("pie_mini")], folder, ExportOptions(**options))  # type: ignore[arg-type]


def lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.mark.parametrize("tags", [False, True])
def test_openai_messages_ask_as_the_benchmark_does(mini: Split, tmp_path: Path, tags: bool) -> None:
    report = run(mini.train, tmp_path, tags=tags)
    written = lines(tmp_path / "train.jsonl")
    assert len(written) == report.examples == len(mini.train.rows)
    asked = {
        tagged_prompt(row, row.perf_tag) if tags else build_prompt("instruct", row, mini): row.tgt_code
        for row in mini.train.rows
    }
    for example in written:
        user, assistant = example["messages"]
        assert (user["role"], assistant["role"]) == ("user", "assistant")
        assert user["content"] in asked
    answers = {(e["messages"][0]["content"], e["messages"][1]["content"]) for e in written}
    assert all((prompt, answer) in answers for prompt, answer in asked.items())


def test_hugging_face_reads_the_folder(mini: Split, tmp_path: Path) -> None:
    report = run(mini.train, tmp_path / "out", format="hf", tags=True)
    table = datasets.load_dataset(str(tmp_path / "out"), split="train", cache_dir=str(tmp_path / "cache"))
    assert len(table) == report.examples
    row = table[0]
    assert row["prompt"].startswith(f"This is a slow program we want to optimize {row['perf_tag']}/10.")
    assert row["completion"] == row["tgt_code"]
    assert row["src_code"] in row["prompt"]


def test_alpaca_has_its_three_columns(mini: Split, tmp_path: Path) -> None:
    run(mini.train, tmp_path, format="alpaca")
    assert all(set(example) == {"instruction", "input", "output"} for example in lines(tmp_path / "train.jsonl"))


def test_official_rows_come_back_as_training_pairs(mini: Split, tmp_path: Path) -> None:
    run(mini.train, tmp_path, format="official")
    rows = read_rows(tmp_path / "train.jsonl", unique=False)
    assert sorted(rows, key=lambda r: r.pair_id) == sorted(mini.train.rows, key=lambda r: r.pair_id)
    assert nearest_pairs(mini.rows[0], Split("back", rows, None), 2)


def test_the_same_seed_gives_the_same_bytes_and_another_one_another_order(mini: Split, tmp_path: Path) -> None:
    one, two, three = (run(mini.train, tmp_path / str(i), seed=seed) for i, seed in enumerate((1, 1, 2)))
    assert one.sha256 == two.sha256 != three.sha256
    shuffled = replace(mini.train, rows=mini.train.rows[::-1])
    assert run(shuffled, tmp_path / "3", seed=1).sha256 == one.sha256
    texts = [sorted((tmp_path / name / "train.jsonl").read_text().splitlines()) for name in "02"]
    assert texts[0] == texts[1]


def test_high_quality_takes_the_fastest_four_of_a_problem(mini: Split, tmp_path: Path) -> None:
    chosen = high_quality(mini.train.rows)
    for problem in {row.problem_id for row in mini.train.rows}:
        own = [row for row in mini.train.rows if row.problem_id == problem]
        best = [row for row in chosen if row.problem_id == problem]
        assert 0 < len(best) <= HQ_PAIRS
        assert len({row.src_code for row in best}) == len(best)
        for row in own:
            if row not in best and len(best) == HQ_PAIRS:
                same = [other for other in best if other.src_code == row.src_code]
                assert (row.speedup or 0) <= max((o.speedup or 0) for o in same or best)
    report = run(mini.train, tmp_path, selection="hq")
    assert report.examples == len(chosen)
    assert report.left_out == {"not selected": len(mini.train.rows) - len(chosen)}


def test_leaks_and_repeats_are_left_out_and_named(mini: Split, tmp_path: Path) -> None:
    first = mini.train.rows[0]
    asked = mini.rows[0]
    planted = [
        replace(first, pair_id="repeated", src_code=renamed(first.src_code), tgt_code=recommented(first.tgt_code)),
        replace(first, pair_id="no_edit", tgt_code=recommented(first.src_code)),
        replace(asked, pair_id="same_problem"),
        replace(first, pair_id="same_program", src_code=renamed(asked.src_code)),
    ]
    report = export(
        mini.train,
        [mini],
        tmp_path,
        ExportOptions(format="official"),
        synthetic=[replace(row, tests=()) for row in planted],
    )
    assert report.left_out == {
        "repeated": 1,
        "both programs are the same": 1,
        "leak: same_problem": 1,
        "leak: same_program": 1,
    }
    assert {leak.pair_id for leak in report.leaks} == {"same_problem", "same_program"}
    written = json.loads((tmp_path / "report.json").read_text())
    assert written["held_out"] == ["pie_mini"]
    assert {leak["pair_id"] for leak in written["leaks"]} == {"same_problem", "same_program"}


def test_tags_are_computed_where_rows_have_times_only(mini: Split, tmp_path: Path, real_data: Path) -> None:
    real = Split("val", read_rows(real_data / "pie_val_rows.jsonl"), None)
    bare = replace(real, rows=tuple(replace(row, perf_tag=None) for row in real.rows))
    assert run(bare, tmp_path / "a", tags=True).sha256 == run(real, tmp_path / "b", tags=True).sha256


def test_tags_that_cannot_be_had_are_refused(mini: Split, tmp_path: Path) -> None:
    rows = tuple(replace(row, perf_tag=None) for row in mini.train.rows)
    with pytest.raises(SandboxError, match="neither a tag nor times; measure them with 'pie train tag'"):
        run(replace(mini.train, rows=rows), tmp_path, tags=True)


def test_limits(mini: Split, tmp_path: Path) -> None:
    few = run(mini.train, tmp_path / "few", limit=5)
    assert few.examples == 5
    assert few.left_out == {"beyond the limit": len(mini.train.rows) - 5}
    whole = run(mini.train, tmp_path / "whole")
    short = run(mini.train, tmp_path / "short", max_tokens=int(whole.tokens.median))
    assert 0 < short.examples < whole.examples
    assert short.tokens.longest <= whole.tokens.median
    with pytest.raises(SandboxError, match="no training pair"):
        run(mini.train, tmp_path / "none", max_tokens=1)


def test_an_unknown_tokenizer_is_one_line(mini: Split, tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match="tokenizer") as caught:
        run(mini.train, tmp_path, tokenizer=str(tmp_path / "nowhere"))
    assert "\n" not in str(caught.value)


def pie(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["train", *(str(argument) for argument in arguments)])


@pytest.mark.parametrize("format_", ["openai", "alpaca", "hf", "official"])
def test_leaks_are_found_in_a_file_of_each_format(mini: Split, tmp_path: Path, format_: str) -> None:
    clean = pie("export", tmp_path / "clean", "--split", "pie_mini_train", "--format", format_)
    assert clean.exit_code == 0, clean.output
    (file,) = [path for path in (tmp_path / "clean").iterdir() if path.name != "report.json"]
    assert pie("leaks", file, "--split", "pie_mini_train").exit_code == 0
    rows = [replace(row, problem_id="px", tgt_code=renamed(row.tgt_code)) for row in mini.rows]
    dirty = Split("dirty", tuple(rows), None)
    export(dirty, [], tmp_path / "dirty", ExportOptions(format=format_))
    ended = pie("leaks", tmp_path / "dirty" / file.name, "--split", "pie_mini_train")
    assert ended.exit_code == 1
    assert f"{len(rows)} examples against pie_mini: {len(rows)} same_program" in ended.output
    programs = [set(example.programs) for example in read_training_file(tmp_path / "dirty" / file.name)]
    for row in rows:
        assert {row.src_code.strip("\n"), row.tgt_code.strip("\n")} in [
            {p.strip("\n") for p in one} for one in programs
        ]


def test_tag_measures_and_export_takes_its_rows(mini: Split, tmp_path: Path) -> None:
    rows = tmp_path / "tagged.jsonl"
    ended = pie("tag", rows, "--split", "pie_mini", "--limit", 2)
    assert ended.exit_code == 0, ended.output
    tagged = read_rows(rows, unique=False)
    assert [row.pair_id for row in tagged] == [row.pair_id for row in mini.rows[:2]]
    for row in tagged:
        assert row.speedup == pytest.approx(row.src_agg_runtime / row.tgt_agg_runtime)
        assert row.speedup > 1
        assert row.fastest_agg_runtime == row.tgt_agg_runtime
        assert row.perf_tag == 10
    ended = pie(
        "export", tmp_path / "out", "--split", "pie_mini_train", "--rows", rows, "--tags", "--against", "pie_mini"
    )
    assert "same_problem" in str(ended.exception)
    other = tmp_path / "test.jsonl"
    other.write_text(json.dumps(official_row(mini.rows[5])) + "\n")
    (tmp_path / "merged_test_cases").mkdir()
    ended = pie(
        *("export", tmp_path / "out", "--split", "pie_mini_train", "--rows", rows, "--tags"),
        *("--against", "pie_test", "--data-dir", tmp_path),
    )
    assert ended.exit_code == 0, ended.output
    assert "2 examples of 2 pairs" in ended.output


def test_official_rows_are_what_was_read() -> None:
    row = PieRow("p1_a_b", "p1", "a", "b", "x", "y", ("0", "1"), 1.0, 0.5, 0.5, 10, 2.0)
    assert official_row(row)["tests"] == ["0", "1"]
    assert "tests" not in official_row(replace(row, tests=()))
