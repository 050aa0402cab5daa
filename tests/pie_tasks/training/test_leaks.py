"""The leakage check finds what is planted, and nothing that isn't there."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from pie_tasks.dataset import PieRow, Split, load_split, read_rows
from pie_tasks.training.leaks import Leak, LeakCheck
from pie_tasks.training.near import NearIndex, runs
from pie_tasks.training.normalise import normal_form
from tests.pie_tasks.training.plant import DISGUISES, edited, renamed


def disguise(row: PieRow, how: str) -> PieRow:
    """The same pair under another problem's name."""
    copy = DISGUISES[how]
    return replace(
        row, problem_id="p99999", pair_id="planted", src_code=copy(row.src_code), tgt_code=copy(row.tgt_code)
    )


@pytest.fixture(scope="module")
def mini() -> Split:
    return load_split("pie_mini")


@pytest.mark.parametrize("how", sorted(DISGUISES))
def test_every_planted_copy_of_a_bundled_pair_is_found(mini: Split, how: str) -> None:
    check = LeakCheck([mini])
    for row in mini.rows:
        found = check.find(disguise(row, how))
        assert found is not None, row.pair_id
        assert found.leak is Leak.SAME_PROGRAM, (row.pair_id, found)


@pytest.mark.parametrize("how", sorted(DISGUISES))
def test_every_planted_copy_of_a_real_pair_is_found(real_data: Path, how: str) -> None:
    rows = [*read_rows(real_data / "pie_val_rows.jsonl")[::9], *read_rows(real_data / "pie_test_rows_sample.jsonl")]
    check = LeakCheck([Split("held out", tuple(rows), None)])
    missed = [row.pair_id for row in rows if check.find(disguise(row, how)) is None]
    assert missed == []


def test_copies_with_edits_are_near_duplicates(mini: Split) -> None:
    check = LeakCheck([mini])
    long_rows = [row for row in mini.rows if len(normal_form(row.src_code)) > 150]
    assert len(long_rows) > 5
    for row in long_rows:
        copy = edited(renamed(row.src_code))
        found = check.find(replace(row, problem_id="p99999", src_code=copy, tgt_code="int main() {}"))
        assert found is not None and found.leak is Leak.NEAR_DUPLICATE, row.pair_id


def test_one_planted_program_of_the_two_is_enough(mini: Split) -> None:
    check = LeakCheck([mini])
    row = mini.rows[0]
    for names in (("src_code", "tgt_code"), ("tgt_code", "src_code")):
        planted = replace(
            row, problem_id="p9", **{names[0]: getattr(row, names[1]), names[1]: "int main() { return 7; }"}
        )
        found = check.find(planted)
        assert found is not None and found.leak is Leak.SAME_PROGRAM


def test_a_held_out_problem_is_a_leak_whatever_the_program(mini: Split) -> None:
    row = replace(mini.rows[0], src_code="int main() { return 1; }", tgt_code="int main() { return 2; }")
    found = LeakCheck([mini]).find(row)
    assert found is not None and found.leak is Leak.SAME_PROBLEM


def test_no_false_leak_between_real_problems(real_data: Path) -> None:
    """Each problem's real programs against those of all the others."""
    rows = [
        *read_rows(real_data / "pie_val_rows.jsonl"),
        *read_rows(real_data / "pie_test_rows_sample.jsonl"),
        *read_rows(real_data / "pie_train_hq_rows_sample.jsonl", unique=False),
    ]
    problems = sorted({row.problem_id for row in rows})
    assert len(problems) == 16
    for problem in problems:
        check = LeakCheck([Split("others", tuple(row for row in rows if row.problem_id != problem), None)])
        own = {row.src_code: row for row in rows if row.problem_id == problem}
        assert [found for row in own.values() if (found := check.find(row))] == []


def test_the_only_hit_among_further_real_programs_is_the_same_program(real_data: Path) -> None:
    """AIZU's p02388 and AtCoder's p02915 both ask for the cube of a number; nothing else may be found."""
    val = Split("val", read_rows(real_data / "pie_val_rows.jsonl"), None)
    check = LeakCheck([val])
    hits = {}
    for line in (real_data / "llm_outputs_gpt4.jsonl").read_text().splitlines():
        raw = json.loads(line)
        found = check.find_programs(raw["problem_id"], [raw["src_code"]])
        if found:
            hits[raw["problem_id"]] = found.where
    assert set(hits) <= {"p02388"}
    assert all("problem p02915" in where for where in hits.values())


def test_bundled_training_pairs_leak_nothing(mini: Split) -> None:
    check = LeakCheck([mini])
    assert [found for row in mini.train.rows if (found := check.find(row))] == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("int main(){int a,b;cin>>a>>b;cout<<max(a,b);}", "int main(){int a,b;cin>>a>>b;cout<<min(a,b);}"),
        ("int main(){int a,b;cin>>a>>b;cout<<a-b;}", "int main(){int a,b;cin>>a>>b;cout<<b-a;}"),
        ("int main(){int n;cin>>n;cout<<n*2;}", "int main(){int n;cin>>n;cout<<n*3;}"),
        ('int main(){puts("a // b");}', 'int main(){puts("a // c");}'),
        ("int main(){int x[10];}", "int main(){long x[10];}"),
    ],
)
def test_programs_that_do_different_things_stay_different(one: str, other: str) -> None:
    assert normal_form(one) != normal_form(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            "#include <iostream>\nusing namespace std;\nint main(){cout<<1;}",
            "#include <bits/stdc++.h>\nint main(){std::cout<<1;}",
        ),
        ("#define MAX 10\nint a[MAX];", "#define N 10 // size\nint data[N];"),
        (
            "#define rep(i,n) for(int i=0;i<n;i++)\nint main(){rep(k,3);}",
            "#define FOR(j,m) for(int j=0;j<m;j++)\nint main(){FOR(z,3);}",
        ),
        ("using ll = long long; ll f(ll x){return x;}", "using big = long long; big g(big y){return y;}"),
        ("int main(){\r\n\tint n;\r\n}", "int main() { int count; }"),
        ('char *a = "x\\n";', 'char *b = "x\\n";'),
        ("int a = 1 \\\n + 2;", "int b = 1 + 2;"),
        ("int a; // the end", "int b;"),
    ],
)
def test_programs_that_differ_in_names_and_layout_are_equal(one: str, other: str) -> None:
    assert normal_form(one) == normal_form(other)


def test_the_index_finds_exactly_what_the_definition_says(mini: Split) -> None:
    forms = {row.src_id: normal_form(row.src_code) for row in [*mini.rows, *mini.train.rows]}
    index = NearIndex(forms, threshold=0.3)
    for name, form in forms.items():
        others = {other: tokens for other, tokens in forms.items() if other != name}
        own = runs(form)
        best = max(len(own & runs(tokens)) / len(own | runs(tokens)) for tokens in others.values())
        found = NearIndex(others, threshold=0.3).nearest(form)
        assert (found[1] if found else None) == (best if best >= 0.3 else None)
        assert index.nearest(form) == (name, 1.0) or index.nearest(form)[1] == 1.0
