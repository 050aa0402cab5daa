"""Where ``strict`` and ``pie_compat`` differ on real programs' outputs, and why.

The programs and tests are those of ``../shared/data``: human ones and GPT-4's. By default one program of each problem runs,
and all of those problems where the rules differ. ``PIE_ALL_PROGRAMS=notes.jsonl`` runs all of them, about a thousand, and
notes each in that file: a sweep that is interrupted, or meets a machine that is too busy, goes on there.
"""

import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sandbox.checkers import CHECKERS
from sandbox.engines.base import EngineContext
from sandbox.engines.native import Native
from sandbox.isolation import make_isolation
from sandbox.toolchain import compile_source, get_root
from sandbox.types import Ending, Limits, SandboxError

DATA = Path(__file__).parents[4] / "shared" / "data"
LIMITS = Limits(cpu_seconds=2, memory_bytes=256 << 20)
TESTS_EACH = 4

BLANK = "the expected output is blank: the published rule passes nobody, strict who prints nothing"
SEVERAL_FRACTIONS = "several fractions a line are text to the published rule, so their number of digits counts"
FEW_DIGITS = "a program prints few digits: within the published 1e-3, not within strict's 1e-6"
WHITE_SPACE = "a program puts the space behind each number, not before: text to the published rule, nothing to strict"
EXTRA_LINES = "a program prints lines after the expected ones, which the published rule doesn't look at"
DIFFERENCES = {
    "p01660": BLANK,
    "p01802": FEW_DIGITS,
    "p02242": EXTRA_LINES,
    "p02262": WHITE_SPACE,
    "p02284": WHITE_SPACE,
    "p02290": SEVERAL_FRACTIONS,
    "p02400": SEVERAL_FRACTIONS,
}
"""Problem -> why the two rules differ on some of its outputs."""

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="needs ../shared/data, which isn't part of the project")


def _tests(problem: str) -> list[tuple[str, bytes, bytes]]:
    """(name, input, expected) of a problem's public tests."""
    folder = DATA / "public_test_cases" / problem
    inputs = sorted(folder.glob("input.*.txt"))[:TESTS_EACH]
    return [
        (path.name.split(".")[1], path.read_bytes(), (folder / path.name.replace("input", "output")).read_bytes())
        for path in inputs
    ]


def _programs() -> Iterator[tuple[str, str]]:
    """(problem, program): distinct ones, human ones first."""
    seen: set[str] = set()
    count: Counter[str] = Counter()
    with (DATA / "llm_outputs_gpt4.jsonl").open() as file:
        for row in map(json.loads, file):
            problem = row["problem_id"]
            for code in (row["src_code"], row["tgt_code"], *row["generated_answers"]):
                if not isinstance(code, str) or (digest := hashlib.sha256(code.encode()).hexdigest()) in seen:
                    continue
                seen.add(digest)
                count[problem] += 1
                if count[problem] == 1 or problem in DIFFERENCES or os.environ.get("PIE_ALL_PROGRAMS"):
                    yield problem, code


def test_on_the_expected_outputs_themselves() -> None:
    differ = set()
    for path in (DATA / "public_test_cases").glob("*/output.*.txt"):
        data = path.read_bytes()
        opinions = {CHECKERS.get(name).check(data, data).accepted for name in ("pie_compat", "strict")}
        if opinions != {True}:
            assert opinions == {True, False}
            assert not data.strip(), path  # BLANK
            differ.add(path.parent.name)
    assert differ == {"p00000", "p01660"}


def test_on_programs_outputs(tmp_path: Path) -> None:
    try:
        root, isolation = get_root("host"), make_isolation("bubblewrap")
        isolation.check()
    except SandboxError as error:
        pytest.skip(str(error))
    native = Native(EngineContext(root, isolation, {}))

    notes = Path(os.environ.get("PIE_ALL_PROGRAMS") or tmp_path / "notes.jsonl")
    noted = {one["program"]: one["found"] for one in map(json.loads, notes.open())} if notes.exists() else {}

    def differences(problem: str, code: str) -> list[list[str]]:
        digest = hashlib.sha256(code.encode()).hexdigest()
        if digest not in noted:
            found = run_it(tmp_path / digest, problem, code)
            with notes.open("a") as file:
                file.write(json.dumps({"program": digest, "problem": problem, "found": found}) + "\n")
            noted[digest] = found
        return noted[digest]

    def run_it(program: Path, problem: str, code: str) -> list[list[str]]:
        if not compile_source(code, root, isolation, LIMITS, program).ok:
            return []
        tests = _tests(problem)
        found = []
        for (name, _, expected), run in zip(tests, native.run(program, [t[1] for t in tests], LIMITS), strict=True):
            if run.ending is Ending.EXITED and run.code == 0:
                pie_compat, strict = (CHECKERS.get(one).check(expected, run.stdout) for one in ("pie_compat", "strict"))
                if pie_compat.accepted != strict.accepted:
                    found.append([problem, f"test {name}: {expected[:80]!r} {run.stdout[:80]!r}"])
        program.unlink()
        return found

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = [one for part in pool.map(lambda program: differences(*program), _programs()) for one in part]
    assert [one for one in found if one[0] not in DIFFERENCES] == []
    assert {problem for problem, _ in found} == set(DIFFERENCES), "a listed problem no longer differs: take it off"
