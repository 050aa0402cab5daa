"""Test inputs: of the examples' shape, chosen for the lines that they reach."""

from collections.abc import Iterator

import pytest

from pie_tasks.selfplay.inputs import InputGrammar, choose_tests, generator_prompt, run_generator
from pie_tasks.selfplay.inputs.choose import MIN_TESTS
from sandbox.coverage import line_coverage
from sandbox.programs import Programs
from sandbox.types import SandboxError

BRANCHES = """#include <cstdio>
int main() {
    int n;
    if (scanf("%d", &n) != 1)
        return 1;
    if (n > 100)
        puts("large");
    else if (n == 7)
        puts("seven");
    else
        puts("small");
    return 0;
}
"""


@pytest.fixture(scope="module", params=["host", "paper"])
def programs(request: pytest.FixtureRequest) -> Iterator[Programs]:
    """Compilers of both roots name gcov's files in ways of their own."""
    try:
        made = Programs(request.param, workers=2)
    except SandboxError as error:
        pytest.skip(str(error))
    with made:
        yield made


def tokens(data: bytes) -> list[list[str]]:
    return [line.split() for line in data.decode().splitlines()]


def test_a_list_keeps_its_length_true() -> None:
    made = InputGrammar([b"3 9\n1 -2 3\n", b"5 7\n4 4 4 4 40\n", b"1 8\n7\n"]).make(60, seed=0)
    assert len(made) == 60
    for data in made:
        (n, k), values = tokens(data)
        assert int(n) == len(values)
        assert 7 <= int(k) <= 9
        assert all(-2 <= int(value) <= 40 for value in values)
    assert {len(tokens(data)[1]) for data in made} > {1, 3, 5}


def test_records_and_their_number() -> None:
    made = InputGrammar([b"2\n1 100\n2 200\n", b"3\n3 300\n4 400\n5 500\n"]).make(40, seed=0)
    for data in made:
        (n,), *records = tokens(data)
        assert int(n) == len(records)
        assert all(1 <= int(a) <= 5 and 100 <= int(b) <= 500 for a, b in records)


def test_a_grid_keeps_both_sizes_true() -> None:
    made = InputGrammar([b"2 3\n#.#\n...\n", b"3 4\n####\n....\n#..#\n"]).make(40, seed=0)
    for data in made:
        (h, w), *lines = tokens(data)
        assert int(h) == len(lines)
        assert {len(line[0]) for line in lines} <= {int(w)}
        assert set("".join(line[0] for line in lines)) <= set("#.")


def test_words_vary_over_their_letters() -> None:
    made = InputGrammar([b"abba\n", b"ab\n"]).make(20, seed=3)
    assert len(made) == 20
    assert set(b"".join(made)) <= set(b"ab\n")


def test_the_same_seed_makes_the_same_inputs() -> None:
    grammar = InputGrammar([b"3\n1 2 3\n", b"2\n9 9\n"])
    assert grammar.make(10, seed=1) == grammar.make(10, seed=1) != grammar.make(10, seed=2)


@pytest.mark.parametrize("examples", [[], [b""], [b"\n\n"], [b"\xff\xfe"]])
def test_examples_without_a_shape_make_nothing(examples: list[bytes]) -> None:
    assert InputGrammar(examples).make(5, seed=0) == []


def test_coverage_is_of_lines_that_ran(programs: Programs) -> None:
    found = line_coverage(BRANCHES, [b"500\n", b"7\n", b""], programs.root, programs.contain, programs.limits)
    assert found is not None
    large, seven, nothing = found.reached
    assert 7 in large and 9 not in large and 11 not in large
    assert 9 in seven and 7 not in seven
    assert 5 in nothing and 6 not in nothing
    assert found.share([0]) < found.share([0, 1]) < found.share([0, 1, 2]) < 1


def test_coverage_of_a_program_that_spoils_its_trace(programs: Programs) -> None:
    code = (
        "#include <cstdio>\n#include <unistd.h>\nint main() {\n"
        '  unlink("prog.gcno");\n  if (symlink("/etc/passwd", "prog.gcno") == 0) puts("hi");\n}\n'
    )
    found = line_coverage(code, [b"1", b"2"], programs.root, programs.contain, programs.limits)
    assert found is not None
    assert found.reached[1] == frozenset()


def test_inputs_that_reach_new_lines_come_first(programs: Programs) -> None:
    inputs = [f"{n}\n".encode() for n in range(20, 60)] + [b"7\n", b"1000\n"]
    chosen = choose_tests(BRANCHES, inputs, programs, count=5)
    given = {test.input: test.expected for test in chosen.tests}
    assert len(given) == 5
    assert given[b"7\n"] == b"seven\n" and given[b"1000\n"] == b"large\n"
    assert chosen.coverage > 0.85
    assert chosen.failed == 0


def test_inputs_that_the_program_cannot_run_are_left_out(programs: Programs) -> None:
    code = BRANCHES.replace('puts("seven")', "for (volatile int i = 0;;) i = 1").replace('puts("large")', "return 3")
    chosen = choose_tests(code, [b"1\n", b"2\n", b"500\n", b"3\n", b"7\n"], programs)
    assert [test.input for test in chosen.tests] == [b"1\n", b"2\n", b"3\n"]
    assert chosen.failed == 2


def test_a_generator_is_a_program_in_the_sandbox(programs: Programs) -> None:
    generator = (
        '#include <cstdio>\nint main() { int s; scanf("%d", &s); if (s == 2) return 1; printf("%d\\n", s / 4); }\n'
    )
    assert run_generator(generator, 12, programs) == [b"0\n", b"1\n", b"2\n", b"3\n"]
    assert run_generator("no program", 5, programs) == []
    prompt = generator_prompt(BRANCHES, [b"12\n"])
    assert BRANCHES in prompt and "12" in prompt


def test_the_paper_wants_twenty_tests() -> None:
    assert MIN_TESTS == 20
