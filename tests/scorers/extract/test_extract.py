"""Extraction: every form in which models answer, and the programs of real rows in each of these forms."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorers.extract import extract_code

SLOW = "#include <iostream>\nusing namespace std;\nint main() {\n  int n;\n  cin >> n;\n  cout << n << endl;\n}"
FAST = '#include <cstdio>\n\nint main() {\n  int n;\n  scanf("%d", &n);\n  printf("%d\\n", n);\n  return 0;\n}'
OTHER = '#include <cstdio>\nint main() { puts("7"); }'
HELPER = "inline int read() { return getchar() - '0'; }"

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason=f"real rows aren't at {DATA}")

# Each puts a program into a response as some model does; the program must come out unchanged.
FORMS: dict[str, Callable[[str], str]] = {
    "bare": lambda code: code,
    "fence": lambda code: f"```cpp\n{code}\n```",
    "fence with prose": lambda code: f"Sure! Here it is:\n\n```c++\n{code}\n```\n\nIt uses `scanf`; that's faster.",
    "fence without label": lambda code: f"```\n{code}\n```",
    "fence with attributes": lambda code: f'```cpp title="main.cpp"\n{code}\n```',
    "fence behind text": lambda code: f"The program: ```cpp\n{code}\n```",
    "closing fence behind code": lambda code: f"```cpp\n{code}```",
    "unclosed fence": lambda code: f"```cpp\n{code}",
    "only a closing fence": lambda code: f"{code}\n```\nThis is faster.",
    "code on the fence's line": lambda code: f"```cpp {code}\n```" if code.startswith("#include") else code,
    "tildes": lambda code: f"~~~ cpp\n{code}\n~~~",
    "longer fence": lambda code: f"`````C++\n{code}\n`````",
    "fence in a longer fence": lambda code: f"````markdown\n# Answer\n```cpp\n{code}\n```\n````",
    "fence in an equal fence": lambda code: f"```markdown\n```cpp\n{code}\n```\n```",
    "quotation": lambda code: "\n".join(f"> {line}" for line in f"```cpp\n{code}\n```".split("\n")),
    "CRLF": lambda code: f"```cpp\n{code}\n```\n".replace("\n", "\r\n"),
    "prose around bare code": lambda code: (
        f"Here is a version that avoids the slow streams (see main):\n\n{code}\n\n"
        "This version is faster.\n- It reads with `scanf`;\n- No flush (`endl`) per line;"
    ),
    "reasoning": lambda code: f"<think>\nMaybe ```cpp\n{OTHER}\n``` or so.\n</think>\n```cpp\n{code}\n```",
    "reasoning without its beginning": lambda code: f"Let me see...\n</think>\n\n{code}",
    "next turn": lambda code: f"{code}\n\n\n### Program:\n{OTHER}\n\n### Optimized Version:\n{OTHER}\n",
    "next example": lambda code: (
        f"\n{code}\n\n\n// slower version:\n\n{OTHER}\n\n// optimized version of the same code:\n"
    ),
    "next fenced turn": lambda code: (
        f"{code}\n\nGiven the program below, improve its performance:\n```cpp\n{OTHER}\n```"
    ),
    "next program": lambda code: f"{code}\n\n{OTHER}\n",
    "end of text": lambda code: f"{code}\n<|endoftext|>{OTHER}",
    "piece first": lambda code: f"First a reader:\n```cpp\n{HELPER}\n```\nAltogether:\n```cpp\n{code}\n```",
    "piece last": lambda code: f"```cpp\n{code}\n```\nThe part that matters:\n```cpp\n{HELPER}\n```",
    "commands last": lambda code: f"```cpp\n{code}\n```\nCompile with\n```bash\ng++ -O3 main.cpp\n```",
    "draft first": lambda code: f"```cpp\n{OTHER}\n```\nBetter:\n```cpp\n{code}\n```",
    "cut second version": lambda code: (
        f"```cpp\n{code}\n```\nOr even:\n```cpp\n#include <cstdio>\nint main() {{\n  int"
    ),
    "escaped": lambda code: code.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"),
}


@pytest.mark.parametrize("form", FORMS)
def test_program_in_every_form(form: str) -> None:
    assert extract_code(FORMS[form](FAST)) == FAST
    assert extract_code(FORMS[form](FAST), SLOW) == FAST


@pytest.mark.parametrize(
    "response",
    [
        f"Given the program below, improve its performance:\n\n### Program:\n{SLOW}\n\n### Optimized Version:\n{FAST}",
        f"### Program:\n{SLOW}\n\n### Optimized Version:\n```cpp\n{FAST}\n```",
        f"// slower version:\n\n{OTHER}\n\n// optimized version of the same code:\n\n{OTHER}\n\n\n"
        f"// slower version:\n\n{SLOW}\n\n// optimized version of the same code:\n\n{FAST}",
        f"Before:\n```cpp\n{SLOW}\n```\nAfter:\n```cpp\n{FAST}\n```",
        f"After:\n```cpp\n{FAST}\n```\nBefore it was:\n```cpp\n{SLOW}\n```",
        f"{SLOW}\n\nfaster:\n\n{FAST}",
    ],
)
def test_repeated_question_is_not_the_answer(response: str) -> None:
    assert extract_code(response, SLOW) == FAST


def test_unchanged_program_is_an_answer() -> None:
    assert extract_code(f"It can't be improved:\n```cpp\n{SLOW}\n```", SLOW) == SLOW
    assert extract_code(f"{SLOW}\n\n### Program:\n{OTHER}", SLOW) == SLOW


def test_strategy_before_the_program() -> None:
    heading = "// optimized version of the same code with the strategy mentioned above:"
    code = extract_code(f"replace the streams (they lock) with scanf.\n\n{heading}\n\n{FAST}", SLOW)
    assert code == f"{heading}\n\n{FAST}"


@pytest.mark.parametrize(
    "response",
    [
        "",
        " \n",
        "I'm sorry, I can't help with that.",
        "The main (slow) loop is O(n); use a table.",
        "```\n```",
        "<think>\n" + FAST,
    ],
)
def test_no_code(response: str) -> None:
    assert extract_code(response) is None
    assert extract_code(response, SLOW) is None


def test_truncated_program_is_given_to_the_compiler() -> None:
    cut = FAST[: FAST.index("scanf")].rstrip()
    assert extract_code(f"```cpp\n{cut}") == cut
    assert extract_code("#include <cstdio>\nint f(int n) {") == "#include <cstdio>\nint f(int n) {"


def test_fences_inside_a_program_are_no_fences() -> None:
    code = FAST.replace("%d\\n", "```%d ~~~\\n")
    assert extract_code(f"```cpp\n{code}\n```") == code
    assert extract_code(code) == code


fragments = st.sampled_from(
    [
        FAST,
        SLOW,
        HELPER,
        "```",
        "```cpp",
        "~~~",
        "````",
        "\n",
        "\r\n",
        "> ",
        "text ",
        "{",
        "}",
        "main(",
        "### Program:",
        "</think>",
    ]
)


@given(st.lists(fragments | st.text(max_size=8), max_size=14).map("".join), st.sampled_from([None, SLOW, FAST, ""]))
def test_never_raises_and_gives_text_of_the_response(response: str, source: str | None) -> None:
    code = extract_code(response, source)
    if code is not None:
        assert code
        assert code == code.strip()
        assert "\r" not in code


statements = st.sampled_from(
    [
        "int a[9];",
        "#define N 5",
        "// note",
        "/* note */",
        "",
        "struct P { int x; };",
        "long long f(int x) {\n  return x;\n}",
    ]
)


@given(st.lists(statements, max_size=5), st.lists(statements, max_size=3), st.sampled_from(sorted(FORMS)))
def test_generated_programs_come_out_of_every_form(above: list[str], below: list[str], form: str) -> None:
    code = "\n".join(["#include <cstdio>", *above, "int main() {", "  return 0;", "}", *below]).strip()
    assert extract_code(code) == code
    assert extract_code(FORMS[form](code)) == code


@pytest.mark.parametrize(
    "piece",
    [
        "`",
        "~",
        " ",
        "\n",
        "```x",
        "~~~\n```\n",
        "> ",
        "#include &lt;",
        "main(",
        ";/*",
        "int a ",
        "</s>",
        "<think>",
        "\t\n",
    ],
)
def test_long_nonsense_ends(piece: str) -> None:
    # A step that isn't linear takes hours on these.
    nonsense = piece * (100_000 // len(piece))
    extract_code(nonsense, SLOW)
    extract_code(f"#include <cstdio>\n{nonsense}x", SLOW)


@needs_data
def test_recorded_answers() -> None:
    rows = list(_rows("llm_outputs_gpt4.jsonl"))
    found = [
        extract_code(raw, row["src_code"]) == answer.strip()
        for row in rows
        for raw, answer in zip(row["generated_raw"] or [], row["generated_answers"], strict=True)
        if row["generated_raw"]
    ]
    assert len(found) == 900
    assert all(found)


@needs_data
@pytest.mark.parametrize("form", [form for form in FORMS if form != "escaped"])
def test_real_programs_come_out_of_every_form(form: str) -> None:
    programs = {row[column] for row in _rows("pie_val_rows.jsonl") for column in ("src_code", "tgt_code")}
    wrong = [code for code in programs if extract_code(FORMS[form](_plain(code))) != _plain(code)]
    assert not wrong


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (DATA / name).open() as file:
        yield from map(json.loads, file)


def _plain(code: str) -> str:
    return code.replace("\r\n", "\n").strip()
