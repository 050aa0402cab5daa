"""The rules of correctness: what each accepts, and what holds for every pair of outputs."""

from __future__ import annotations

import math
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.checkers import CHECKERS, Checker
from sandbox.types import Check, SandboxError

PIE_COMPAT, STRICT = CHECKERS.get("pie_compat"), CHECKERS.get("strict")

# What programs print and what could upset a rule, mixed so that near misses are common.
PIECES = [
    *("0", "1", "-1", "+1", "007", "12345678901234567890", "12345678901234567891", "9" * 400),
    *(
        "1.0",
        "1.0005",
        "1.0000005",
        "0.3333333",
        "0.3333334",
        ".5",
        "2.",
        "1e3",
        "1e999",
        "-1e999",
        "1_0",
        "0x1p3",
        "\u0661",
    ),
    *("nan", "-nan", "NaN", "nan(0x1)", "inf", "-inf", "Infinity", "Yes", "yes", "café", "日本", "a,b"),
]
GAPS = [" ", "  ", "\t", "\n", "\n\n", "\r\n", "\r", " \n", "\n ", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", ""]
texts = st.lists(st.sampled_from(PIECES) | st.sampled_from(GAPS) | st.text(max_size=4), max_size=12).map("".join)
outputs = texts.map(str.encode) | st.binary(max_size=20)


def restated(expected: bytes, actual: bytes) -> float:
    """PIE's accuracy of a test, as its files and pipes are read: text mode, universal newlines, UTF-8."""
    with tempfile.TemporaryDirectory() as folder:
        wanted_file, output_file = Path(folder, "output.txt"), Path(folder, "stdout")
        wanted_file.write_bytes(expected)
        output_file.write_bytes(actual)
        try:
            with wanted_file.open(encoding="utf-8") as file:
                wanted = file.read().strip()
            with output_file.open(encoding="utf-8") as file:
                got = file.read()
        except UnicodeDecodeError:
            return 0.0
    wanted_lines, lines = wanted.strip().splitlines(), got.strip().splitlines()
    right = 0
    for index in range(min(len(lines), len(wanted_lines))):
        if lines[index] == wanted_lines[index]:
            right += 1
            continue
        try:
            difference = float(lines[index]) - float(wanted_lines[index])
        except ValueError:
            continue
        if math.fabs(difference) < 1e-3:
            right += 1
    return right / len(wanted_lines) if wanted_lines else 0.0


@given(outputs, outputs)
def test_pie_compat_is_the_published_rule(expected: bytes, actual: bytes) -> None:
    accuracy = restated(expected, actual)
    assert PIE_COMPAT.check(expected, actual) == Check(accuracy == 1.0, accuracy)


@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=6), st.data())
def test_pie_compat_is_the_published_rule_on_near_misses(lines: list[str], data: st.DataObject) -> None:
    changed = [data.draw(st.sampled_from([line, line + " ", line + "0", "1.0", ""])) for line in lines]
    expected, actual = "\n".join(lines).encode(), "\r\n".join(changed).encode()
    accuracy = restated(expected, actual)
    assert PIE_COMPAT.check(expected, actual) == Check(accuracy == 1.0, accuracy)


@pytest.mark.parametrize("checker", [PIE_COMPAT, STRICT], ids=lambda checker: checker.name)
class TestBoth:
    @given(outputs, outputs)
    def test_never_raises_and_agrees_with_itself(self, checker: Checker, expected: bytes, actual: bytes) -> None:
        check = checker.check(expected, actual)
        assert 0.0 <= check.accuracy <= 1.0
        assert check.accepted == (check.accuracy == 1.0)

    @given(texts.filter(lambda text: text.strip() and "nan" not in text.lower()))
    def test_reflexive(self, checker: Checker, text: str) -> None:
        assert checker.check(text.encode(), text.encode()) == Check(True, 1.0)

    @given(texts.filter(lambda text: text.strip() and "nan" not in text.lower()))
    def test_line_endings_and_final_newline_do_not_matter(self, checker: Checker, text: str) -> None:
        plain = text.replace("\r\n", "\n").replace("\r", "\n")
        assert checker.check(plain.encode(), plain.replace("\n", "\r\n").encode()).accepted
        assert checker.check((plain + "\n").encode(), plain.encode()).accepted

    def test_output_that_is_not_utf8_is_wrong(self, checker: Checker) -> None:
        assert checker.check(b"1\n2\n", b"1\n\xff\n") == Check(False, 0.0)
        assert checker.check(b"\xff\n", b"\xff\n") == Check(False, 0.0)


token = st.sampled_from([piece for piece in PIECES if not piece.isspace()]) | st.floats(-1e9, 1e9).map(repr)


@given(st.lists(token, min_size=1, max_size=5), st.data())
def test_what_strict_accepts_within_a_thousandth_pie_compat_accepts(tokens: list[str], data: st.DataObject) -> None:
    def near(one: str) -> str:
        try:
            value = float(one)
        except ValueError:
            return one
        return data.draw(
            st.sampled_from([one, repr(value), f"{value:.6f}", repr(value + 5e-7), repr(value * (1 + 5e-7))])
        )

    printed = [near(one) for one in tokens]
    expected, actual = "\n".join(tokens).encode(), "\n".join(printed).encode()
    within = all(
        one == other or abs(float(one) - float(other)) < 1e-3 for one, other in zip(tokens, printed, strict=True)
    )
    if within and STRICT.check(expected, actual).accepted:
        assert PIE_COMPAT.check(expected, actual).accepted


@pytest.mark.parametrize(
    ("expected", "actual", "pie_compat", "strict"),
    [
        ("1 2\n3\n", "1 2\n3", 1.0, 1.0),
        ("1 2\n3\n", "1 2 \n3\n", 0.5, 1.0),  # white space at a line's end
        ("1\n2\n", "1\n2\n3\n", 1.0, 0.0),  # more than asked for
        ("1\n2\n", "1\n", 0.5, 0.0),
        ("1 2\n", "1\n2\n", 0.0, 0.0),  # line structure
        ("a\n\nb\n", "a\nb\n", 1 / 3, 0.0),
        ("a  b\n", "a b\n", 0.0, 1.0),
        ("", "", 0.0, 1.0),  # nothing expected
        (" \n", "", 0.0, 1.0),
        ("", "1\n", 0.0, 0.0),
        ("1.0\n", "1.0009\n", 1.0, 0.0),
        ("1.0\n", "1.0000009\n", 1.0, 1.0),
        ("0.5 0.25\n", "0.5000001 0.25\n", 0.0, 1.0),  # two numbers a line are text for the published rule
        ("1000000000.0\n", "1000000000.9\n", 0.0, 1.0),  # relative
        ("5\n", "5.0\n", 1.0, 1.0),
        ("5\n", "5.0000001\n", 1.0, 1.0),
        ("7\n", "007\n", 1.0, 0.0),
        ("0011\n", "11\n", 1.0, 0.0),
        ("12345678901234567890\n", "12345678901234567891\n", 1.0, 0.0),
        ("12345678901234567890\n", "1.2345678901234567890e19\n", 1.0, 0.0),
        ("1 12345678901234567891 0.5\n", "1 12345678901234567891 0.50\n", 0.0, 1.0),
        ("10\n", "1_0\n", 1.0, 0.0),  # Python's numbers
        ("nan\n", "nan\n", 1.0, 0.0),
        ("1.0\n", "nan\n", 0.0, 0.0),
        ("banana\n", "banana\n", 1.0, 1.0),
        ("inf\n", "Infinity\n", 0.0, 0.0),
        ("1e999\n", "2e999\n", 0.0, 0.0),
        ("Yes\n", "YES\n", 0.0, 0.0),
    ],
)
def test_opinions(expected: str, actual: str, pie_compat: float, strict: float) -> None:
    assert PIE_COMPAT.check(expected.encode(), actual.encode()).accuracy == pytest.approx(pie_compat)
    assert STRICT.check(expected.encode(), actual.encode()).accuracy == strict


def test_checkers_are_found_by_name() -> None:
    assert CHECKERS.names() == ["pie_compat", "strict"]
    with pytest.raises(SandboxError, match="unknown checker 'exact'; choose one of: pie_compat, strict"):
        CHECKERS.get("exact")
