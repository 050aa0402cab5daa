"""Real GPT-4 outputs that the AIZU judge accepted are accepted here: compiler, isolation, checker, all of it real.

Compiled in the root ``paper``, whose compiler is nearest to the judge's. A test whose expected output is blank decides
nothing (the published rule gives it to nobody) and is left out.
"""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sandbox.checkers import CHECKERS
from sandbox.engines import EngineContext
from sandbox.engines.native import Native
from sandbox.isolation import make_isolation
from sandbox.toolchain import compile_source, get_root
from sandbox.types import Ending, Limits, SandboxError

DATA = Path(__file__).parents[3] / "shared" / "data"

EXCEPTIONS: dict[tuple[str, int, int], str] = {
    ("p00236", 7, 2): "its global 'size' is ambiguous in C++17; the judge compiled an older C++",
    ("p00236", 7, 6): "its global 'size' is ambiguous in C++17; the judge compiled an older C++",
    ("p00476", 18, 0): "its global 'size' is ambiguous in C++17; the judge compiled an older C++",
    ("p00860", 34, 3): "input.2 is damaged (a maze without its spaces), and the program leaves its arrays",
    ("p00860", 34, 8): "input.2 is damaged (a maze without its spaces), and the program leaves its arrays",
}
"""(problem, row, answer) -> why an accepted answer doesn't pass the public tests here; at most 2 % of all."""

SPECIAL_JUDGE = {"p02290", "p02400"}
"""Problems that the judge compares by value, several to a line, which the published rule can't; ``strict`` does."""

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"no real GPT-4 outputs: {DATA} is absent")


def test_accepted_outputs_pass_the_public_tests(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    try:
        get_root("paper")
    except SandboxError as error:
        pytest.skip(str(error))
    rows = [json.loads(line) for line in (DATA / "llm_outputs_gpt4.jsonl").read_text().splitlines()]
    accepted = {
        (row["problem_id"], code): (row["problem_id"], number, answer)
        for number, row in enumerate(rows)
        for answer, (code, verdict) in enumerate(zip(row["generated_answers"], row["generated_verdicts"], strict=True))
        if verdict["status"] == "STATE_ACCEPTED"
    }
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        complaints = pool.map(lambda item: _complaint(*item, tmp_path), [(*key, accepted[key]) for key in accepted])
    wrong = {place: words for place, words in zip(accepted.values(), complaints, strict=True) if words}
    assert len(accepted) > 300
    assert wrong.keys() == EXCEPTIONS.keys(), wrong
    assert len(EXCEPTIONS) <= 0.02 * len(accepted)


def _complaint(problem: str, code: str, place: tuple[str, int, int], folder: Path) -> str | None:
    """What is wrong with an output, or ``None``."""
    root, isolation = get_root("paper"), make_isolation("bubblewrap")
    program = folder / "-".join(map(str, place))
    compiled = compile_source(code, root, isolation, Limits(), program)
    if not compiled.ok:
        return compiled.message
    program.chmod(0o755)
    inputs = sorted((DATA / "public_test_cases" / problem).glob("input.*.txt"))
    assert inputs, problem
    tests = [test for test in inputs if _expected(test).strip()]
    checker = CHECKERS.get("strict" if problem in SPECIAL_JUDGE else "pie_compat")
    runs = Native(EngineContext(root, isolation, {})).run(program, [test.read_bytes() for test in tests], Limits())
    for test, run in zip(tests, runs, strict=True):
        if run.ending is not Ending.EXITED or run.code != 0:
            return f"{test.name}: {run.ending.value} {run.code}"
        if not checker.check(_expected(test), run.stdout).accepted:
            return f"{test.name}: printed {run.stdout[:80]!r}"
    return None


def _expected(test: Path) -> bytes:
    return test.with_name(test.name.replace("input", "output")).read_bytes()
