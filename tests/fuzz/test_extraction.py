"""No response, however odd, upsets the extraction of its program."""

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sandbox.types import Submission
from scorers.extract import extract_code
from scorers.flags.tokens import read_program
from tests.fuzz.conftest import FUZZ

PIECES = [
    *("```", "```cpp\n", "``` c++", "~~~~", "\n```\n", "````\n", "`", "    ```\n"),
    *(
        "#include <bits/stdc++.h>\n",
        "#include &lt;iostream&gt;\n",
        "int main() {",
        "int main(",
        "}",
        "{",
        "using namespace std;\n",
    ),
    *(
        "<think>",
        "</think>",
        "</thi",
        "<|im_end|>",
        "[INST]",
        "### Response:",
        "Human:",
        "assistant\n",
        "<code>",
        "</code>",
    ),
    *(
        "Here is the faster program:\n",
        "// ",
        "/*",
        "*/",
        '"',
        "'",
        "\\",
        'R"x(',
        ')x"',
        "\r",
        "\r\n",
        "\n",
        "\t",
        "\0",
        "\x1b[0m",
    ),
    *("\u2028", "\ufeff", "\ud800", "\udcff", "😀", "&amp;", "&#x110000;", "&#0;"),
]
responses = st.lists(st.sampled_from(PIECES) | st.text(max_size=8), max_size=30).map("".join)


@FUZZ
@given(responses, st.none() | responses)
@example("```cpp\nint main() {\ud800}\n```", None)
@example("#include &lt;x&gt;\nint main() {&#x110000;}", None)
def test_a_program_or_none(response: str, prompt: str | None) -> None:
    code = extract_code(response, prompt)
    if code is not None:
        assert code == code.strip()
        assert code
        assert "\r" not in code
        assert len(Submission(code, ()).source_sha256) == 64


@FUZZ
@given(
    st.sampled_from(["`", "<", "{", "(", "#include", "int main() {", "```\n", "<think>", "/*", " ", "\n", "&lt;"]),
    responses,
)
def test_repetition_without_end(piece: str, response: str) -> None:
    extract_code(piece * 3000 + response, response)


@pytest.mark.parametrize(
    "response",
    [
        "```" + " " * 300_000 + "x",
        "using " + "a" * 300_000,
        "```cpp\nint main() {}" + " " * 300_000 + ";\n```",
        "#" + " " * 300_000 + "include",
    ],
    ids=["label", "using", "program", "directive"],
)
def test_no_response_costs_more_than_its_length(response: str) -> None:
    """What tries all ways to cut such a text would take hours; these need a second or two."""
    started = time.process_time()
    read_program(extract_code(response, response) or response)
    assert time.process_time() - started < 20
