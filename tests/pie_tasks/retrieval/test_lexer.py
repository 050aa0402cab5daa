"""The lexer: tokens are what a compiler sees, whatever the layout."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pie_tasks.dataset import read_rows
from pie_tasks.retrieval.lexer import tokens


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("a+++b", ["a", "++", "+", "b"]),
        ("x<<=2;y>>z", ["x", "<<=", "2", ";", "y", ">>", "z"]),
        ('cout<<"a // b"; // c', ["cout", "<<", '"a // b"', ";"]),
        ("a/*b\n*/c", ["a", "c"]),
        ("1e-9 0x1p+3 1'000 .5f 1.0", ["1e-9", "0x1p+3", "1'000", ".5f", "1.0"]),
        (r"'\'' '\\'", [r"'\''", r"'\\'"]),
        ('R"x(a)" )x" b', ['R"x(a)" )x"', "b"]),
        ("#define A \\\n 1", ["#", "define", "A", "1"]),
        ("p->*q", ["p", "->*", "q"]),
        ("/* open", []),
        ('"open\nx', ['"open', "x"]),
    ],
)
def test_tokens(code, expected):
    assert tokens(code) == expected


@given(st.text())
def test_nothing_but_layout_and_comments_is_lost(code):
    if "/*" not in code and "//" not in code and "\\" not in code:
        assert "".join("".join(tokens(code)).split()) == "".join(code.split())


def test_layout_and_comments_change_nothing_in_real_programs(real_data):
    for row in read_rows(real_data / "pie_val_rows.jsonl")[::20]:
        changed = "// head\n" + row.src_code.replace("\n\n", "\n").replace("\t", "  ") + "/* tail */"
        assert tokens(changed) == tokens(row.src_code)
