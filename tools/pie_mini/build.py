"""Assemble the bundled split ``pie_mini`` from the sources beside this file, and check that they are what they claim.

    python tools/pie_mini/build.py             # writes pie_tasks/dataset/mini
    python tools/pie_mini/build.py --measure   # counts instructions of programs that changed (Valgrind), then builds
    python tools/pie_mini/build.py --check     # runs everything: programs agree, answers behave as their kind says

The result depends on the sources and on ``instructions.json`` alone, so that it is the same on every machine; only the
expected outputs need a compiler. See ``README.md`` for the layout and for how to add a problem.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import runpy
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from pathlib import Path

SOURCES = Path(__file__).resolve().parent
ROOT = SOURCES.parents[1]
SHIPPED = ROOT / "pie_tasks" / "dataset" / "mini"
COUNTS = SOURCES / "instructions.json"

KINDS = ("faster", "same", "slower", "wrong", "compile_error", "crash", "hang", "no_code")
ANSWERS = 8
TESTS = 24
OPTIMIZED = 1.1
"""A program is faster, or slower, from this ratio of instructions on: PIE's threshold of "optimized"."""

CPU_SECONDS = 5
WALL_SECONDS = 15
COMPILE = ("g++", "-O3", "--std=c++17", "-w", "-x", "c++", "-")


@dataclass(frozen=True)
class Answer:
    """One recorded response: its kind, which stands in its file's name, and its raw text."""

    name: str
    kind: str
    text: str


@dataclass(frozen=True)
class Problem:
    """A folder of sources: programs (file stem -> code) and, for the test split, recorded answers."""

    problem_id: str
    folder: Path

    @cached_property
    def inputs(self) -> list[str]:
        inputs = runpy.run_path(str(self.folder / "tests.py"))["inputs"]()
        assert isinstance(inputs, list) and len(set(inputs)) == len(inputs), f"{self.folder}: equal test cases"
        return inputs

    @cached_property
    def programs(self) -> dict[str, str]:
        return {path.stem: read(path) for path in sorted(self.folder.glob("*.cpp"))}

    @cached_property
    def answers(self) -> list[Answer]:
        paths = sorted((self.folder / "answers").glob("*.md"))
        return [Answer(path.name, path.name.split(".")[1], read(path)) for path in paths]

    def submission_id(self, program: str) -> str:
        """An id that looks like CodeNet's and never changes when the program is edited."""
        digest = hashlib.sha256(f"{self.problem_id}/{program}".encode()).hexdigest()
        return f"s{int(digest[:12], 16) % 10**9:09d}"

    def key(self, code: str) -> str:
        """What an instruction count depends on: the program and the inputs."""
        text = "\0".join([code, *self.inputs])
        return hashlib.sha256(text.encode()).hexdigest()[:24]


def read(path: Path) -> str:
    """A text file with its line ends as they are (some answers have CRLF on purpose)."""
    return path.read_bytes().decode()


def problems(split: str) -> list[Problem]:
    """All problems of ``split`` ("test" or "train"), in the order of their ids."""
    return [Problem(folder.name, folder) for folder in sorted((SOURCES / split).iterdir()) if folder.is_dir()]


class Counts:
    """Instruction counts, summed over a problem's inputs, by :meth:`Problem.key`."""

    def __init__(self, path: Path = COUNTS) -> None:
        self.path = path
        self.table: dict[str, int] = json.loads(path.read_text())["instructions"] if path.exists() else {}

    def __call__(self, problem: Problem, code: str) -> int:
        try:
            return self.table[problem.key(code)]
        except KeyError:
            raise SystemExit(f"{problem.problem_id}: a program or its inputs changed; run build.py --measure") from None

    def save(self) -> None:
        """Write the table, sorted."""
        table = dict(sorted(self.table.items()))
        content = {"method": METHOD, "toolchain": toolchain(), "instructions": table}
        self.path.write_text(json.dumps(content, indent=1) + "\n")


METHOD = "user instructions of valgrind --tool=cachegrind --cache-sim=no, g++ -O3 --std=c++17, summed over the inputs"


def toolchain() -> str:
    """Compiler and Valgrind in words."""
    lines = [
        subprocess.run([tool, "--version"], capture_output=True, text=True, check=True).stdout for tool in TOOLCHAIN
    ]
    return "; ".join(line.splitlines()[0] for line in lines)


TOOLCHAIN = ("g++", "valgrind")


# Running programs


@dataclass(frozen=True)
class Outcome:
    """How a native run ended: "exited", "crash" or "hang", and what it printed."""

    ending: str
    stdout: bytes


def compile_program(code: str, binary: Path) -> bool:
    """Whether ``code`` compiles, to ``binary``."""
    result = subprocess.run([*COMPILE, "-o", str(binary)], input=code.encode(), capture_output=True, check=False)
    return result.returncode == 0


def run(binary: Path, text: str) -> Outcome:
    """Run ``binary`` natively on one input, under a limit of CPU time, of wall time and of memory."""
    command = ["prlimit", f"--cpu={CPU_SECONDS}", "--core=0", f"--as={1 << 30}", str(binary)]
    try:
        result = subprocess.run(command, input=text.encode(), capture_output=True, timeout=WALL_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return Outcome("hang", b"")
    if result.returncode in (-9, -24):
        return Outcome("hang", result.stdout)
    return Outcome("exited" if result.returncode == 0 else "crash", result.stdout)


def count(binary: Path, text: str) -> int:
    """User instructions of one run, from the dynamic loader's first to the last."""
    command = ["valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null", str(binary)]
    result = subprocess.run(command, input=text.encode(), capture_output=True, check=False)
    for line in result.stderr.decode(errors="replace").splitlines():
        if "I" in line and "refs:" in line:
            return int(line.split("refs:")[1].replace(",", ""))
    raise SystemExit(f"Valgrind counted nothing: {result.stderr.decode(errors='replace')[-300:]}")


def same_output(expected: bytes, actual: bytes) -> bool:
    """PIE's comparison: lines equal as text, or as numbers within 1e-3; lines beyond the expected ones don't count."""

    def same(one: str, two: str) -> bool:
        try:
            return one == two or abs(float(one) - float(two)) < 1e-3
        except ValueError:
            return False

    want, got = (out.decode().strip().splitlines() for out in (expected, actual))
    return len(want) <= len(got) and all(same(one, two) for one, two in zip(want, got, strict=False))


# What is shipped


def dump(rows: Sequence[dict[str, object]]) -> str:
    """JSON Lines with the keys in their given order."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def pair_id(problem: Problem) -> str:
    """The id of a test problem's one pair."""
    return f"{problem.problem_id}_{problem.submission_id('slow')}_{problem.submission_id('fast')}"


def test_row(problem: Problem) -> dict[str, object]:
    """A row of ``test.jsonl`` under the official column names. Times are null: nobody has measured them in gem5."""
    src, tgt = problem.programs["slow"], problem.programs["fast"]
    return {
        "problem_id": problem.problem_id,
        "language": "cpp",
        "src_id": problem.submission_id("slow"),
        "tgt_id": problem.submission_id("fast"),
        "submission_id_v0": problem.submission_id("slow"),
        "submission_id_v1": problem.submission_id("fast"),
        "src_code": src,
        "tgt_code": tgt,
        "input": src,
        "target": tgt,
        "fastest_code": tgt,
        "fastest_code_len": len(tgt),
        "tests": [str(index) for index in range(len(problem.inputs))],
        "n_tests": len(problem.inputs),
        "src_code_compilation": True,
        "tgt_code_compilation": True,
        "fastest_code_compilation": True,
        "src_code_accuracy": 1.0,
        "tgt_code_accuracy": 1.0,
        "fastest_code_accuracy": 1.0,
        "src_agg_runtime": None,
        "tgt_agg_runtime": None,
        "fastest_agg_runtime": None,
    }


def generation_row(problem: Problem) -> dict[str, object]:
    """A row of ``generations.jsonl``: the recorded responses of one pair, raw."""
    return {
        "pair_id": pair_id(problem),
        "problem_id": problem.problem_id,
        "src_id": problem.submission_id("slow"),
        "tgt_id": problem.submission_id("fast"),
        "generated_answers": [answer.text for answer in problem.answers],
        "kinds": [answer.kind for answer in problem.answers],
    }


@dataclass(frozen=True)
class TrainPair:
    """A slower and a faster program of one training problem, with their instruction counts and the problem's best."""

    problem: Problem
    src: str
    tgt: str
    src_count: int
    tgt_count: int
    best: int

    @property
    def target_reward(self) -> float:
        """PIE's reward of the faster program: best time / its time, 1 for the best program."""
        return self.best / self.tgt_count


def train_pairs(counts: Counts) -> list[TrainPair]:
    """All pairs that PIE would take (the target 1.1 times as fast), but only one into a problem's best program.

    In PIE a problem has hundreds of programs and few pairs lead to its best one; here every problem has a handful, and
    without this rule most targets would share the highest tag.
    """
    pairs = []
    for problem in problems("train"):
        cost = {name: counts(problem, code) for name, code in problem.programs.items()}
        order = sorted(cost, key=lambda name: (-cost[name], name))
        for src, tgt in combinations(order, 2):
            if cost[src] < OPTIMIZED * cost[tgt] or (tgt == order[-1] and src != order[0]):
                continue
            pairs.append(TrainPair(problem, src, tgt, cost[src], cost[tgt], cost[order[-1]]))
    return pairs


def bins(rewards: Sequence[float]) -> list[int]:
    """PIE's perf tags: the tenth, 1 to 10, of all rewards in which a reward lies; equal rewards share a tag."""
    ranks = [sum(other <= reward for other in rewards) for reward in rewards]
    return [-(-10 * rank // len(rewards)) for rank in ranks]


def train_rows(counts: Counts) -> list[dict[str, object]]:
    """Rows of ``train.jsonl``: official column names, times null, and the counts from which the tags come."""
    pairs = train_pairs(counts)
    tags = bins([pair.target_reward for pair in pairs])
    return [
        {
            "problem_id": pair.problem.problem_id,
            "language": "cpp",
            "src_id": pair.problem.submission_id(pair.src),
            "tgt_id": pair.problem.submission_id(pair.tgt),
            "src_code": pair.problem.programs[pair.src],
            "tgt_code": pair.problem.programs[pair.tgt],
            "src_status": "Accepted",
            "tgt_status": "Accepted",
            "src_agg_runtime": None,
            "tgt_agg_runtime": None,
            "fastest_agg_runtime": None,
            "speedup": None,
            "src_instructions": pair.src_count,
            "tgt_instructions": pair.tgt_count,
            "fastest_instructions": pair.best,
            "src_reward_updated": round(pair.best / pair.src_count, 10),
            "target_reward_updated": round(pair.target_reward, 10),
            "target_reward_updated_pct_bin": tag,
        }
        for pair, tag in zip(pairs, tags, strict=True)
    ]


def shipped_files(counts: Counts) -> Iterator[tuple[str, str]]:
    """Path below the split's folder, and content, of everything that needs no compiler."""
    tests = problems("test")
    yield "test.jsonl", dump([test_row(problem) for problem in tests])
    yield "train.jsonl", dump(train_rows(counts))
    yield "generations.jsonl", dump([generation_row(problem) for problem in tests])
    for problem in tests:
        for index, text in enumerate(problem.inputs):
            yield f"merged_test_cases/{problem.problem_id}/input.{index}.txt", text


def expected_outputs(problem: Problem, folder: Path) -> list[bytes]:
    """What the problem's programs print on each input; all of them must agree."""
    outputs: list[bytes] = []
    for name, code in sorted(problem.programs.items()):
        binary = folder / f"{problem.problem_id}-{name}"
        if not compile_program(code, binary):
            raise SystemExit(f"{problem.problem_id}/{name}.cpp does not compile")
        outcomes = [run(binary, text) for text in problem.inputs]
        if any(outcome.ending != "exited" or not outcome.stdout.strip() for outcome in outcomes):
            raise SystemExit(f"{problem.problem_id}/{name}.cpp crashes, hangs or prints nothing")
        printed = [outcome.stdout for outcome in outcomes]
        outputs = outputs or printed
        for index, (one, two) in enumerate(zip(outputs, printed, strict=True)):
            if not (same_output(one, two) and same_output(two, one)):
                raise SystemExit(f"{problem.problem_id}: {name}.cpp disagrees on input {index}")
    return outputs


def in_parallel(work: Callable[[Problem], list[str]], of: Sequence[Problem]) -> list[str]:
    """``work`` on every problem, two at a time; the lines that it returns, in the problems' order."""
    with ThreadPoolExecutor(2) as pool:
        return [line for lines in pool.map(work, of) for line in lines]


def build(out: Path, counts: Counts) -> None:
    """Write the split to ``out`` and remove files there that no longer belong to it."""
    files = {name: text.encode() for name, text in shipped_files(counts)}

    def outputs(problem: Problem) -> list[str]:
        with tempfile.TemporaryDirectory() as folder:
            for index, stdout in enumerate(expected_outputs(problem, Path(folder))):
                files[f"merged_test_cases/{problem.problem_id}/output.{index}.txt"] = stdout
        return []

    in_parallel(outputs, problems("test"))
    for name, content in sorted(files.items()):
        path = out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    for path in sorted(out.rglob("*"), reverse=True):
        if path.is_file() and path.relative_to(out).as_posix() not in files:
            path.unlink()
        elif path.is_dir() and not any(path.iterdir()):
            path.rmdir()
    print(f"{out}: {len(files)} files, {sum(map(len, files.values())) / 1e6:.2f} MB")


# Measuring and checking


def has_main(text: str) -> bool:
    """Whether ``text`` holds the start of a ``main`` function."""
    return re.search(r"\bmain\s*\(", text) is not None


def extract(text: str) -> str | None:
    """The program in a response: the last fenced block with a ``main``, or a text that is nothing but a program.

    Simple on purpose, and not the benchmark's own extraction, which is tested on these very responses.
    """
    fence = re.compile(r"^(?:```|~~~)[^\n]*\n(.*?)(?:^```|^~~~|\Z)", re.DOTALL | re.MULTILINE)
    blocks: list[str] = fence.findall(text.replace("\r\n", "\n"))
    programs = [block for block in blocks if has_main(block)]
    if programs:
        return programs[-1]
    return text if "#include" in text and has_main(text) else None


def needed_programs(problem: Problem) -> list[str]:
    """Sources whose instructions are counted: the problem's programs and the answers that are recorded as correct."""
    codes = list(problem.programs.values())
    for answer in problem.answers:
        if answer.kind in ("faster", "same", "slower"):
            code = extract(answer.text)
            if code is None:
                raise SystemExit(f"{problem.problem_id}/{answer.name}: no code found")
            codes.append(code)
    return codes


def measure(counts: Counts, of: Sequence[Problem]) -> None:
    """Count what isn't in the table yet, drop what nothing needs any more, and save the table."""
    old, counts.table = counts.table, {}

    def work(problem: Problem) -> list[str]:
        with tempfile.TemporaryDirectory() as folder:
            for code in needed_programs(problem):
                key = problem.key(code)
                if key in old:
                    counts.table[key] = old[key]
                    continue
                binary = Path(folder) / "prog"
                if not compile_program(code, binary):
                    raise SystemExit(f"{problem.problem_id}: a program that should be correct does not compile")
                counts.table[key] = sum(count(binary, text) for text in problem.inputs)
        return []

    try:
        in_parallel(work, of)
    finally:
        counts.save()


def behaviour(problem: Problem, answer: Answer, expected: Sequence[bytes], counts: Counts, folder: Path) -> str:
    """The kind that ``answer`` turns out to be."""
    code = extract(answer.text)
    if code is None:
        return "no_code"
    binary = folder / f"{problem.problem_id}-{answer.name}"
    if not compile_program(code, binary):
        return "compile_error"
    right = []
    for text, want in zip(problem.inputs, expected, strict=True):
        outcome = run(binary, text)
        if outcome.ending != "exited":
            return outcome.ending
        right.append(same_output(want, outcome.stdout))
    if not all(right):
        return "wrong"
    ratio = counts(problem, problem.programs["slow"]) / counts(problem, code)
    return "faster" if ratio >= OPTIMIZED else "slower" if ratio <= 1 / OPTIMIZED else "same"


def check(counts: Counts) -> list[str]:
    """Everything that is wrong with the sources, one line each; prints each pair's speedup on the way."""

    def work(problem: Problem) -> list[str]:
        wrong = []
        if len(problem.inputs) != TESTS or len(problem.answers) != ANSWERS:
            wrong.append(f"{problem.problem_id}: {len(problem.inputs)} tests, {len(problem.answers)} answers")
        with tempfile.TemporaryDirectory() as name:
            expected = expected_outputs(problem, Path(name))
            for answer in problem.answers:
                kind = behaviour(problem, answer, expected, counts, Path(name))
                if kind != answer.kind:
                    wrong.append(f"{problem.problem_id}/{answer.name} behaves as {kind}")
        slow, fast = (counts(problem, problem.programs[name]) for name in ("slow", "fast"))
        print(f"{problem.problem_id}  speedup {slow / fast:7.2f}  slow {slow / 1e6:7.1f} M instructions")
        return wrong

    def agree(problem: Problem) -> list[str]:
        with tempfile.TemporaryDirectory() as name:
            expected_outputs(problem, Path(name))
        return [] if len(problem.inputs) >= 3 else [f"{problem.problem_id}: fewer than 3 tests"]

    return in_parallel(work, problems("test")) + in_parallel(agree, problems("train"))


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser(description="Build the bundled split pie_mini.")
    parser.add_argument("--out", type=Path, default=SHIPPED, help="folder to write (default: %(default)s)")
    parser.add_argument("--measure", action="store_true", help="first count instructions of new or changed programs")
    parser.add_argument("--check", action="store_true", help="verify every program and answer instead of building")
    options = parser.parse_args(arguments)
    counts = Counts()
    if options.measure:
        measure(counts, [*problems("test"), *problems("train")])
    if options.check:
        wrong = check(counts)
        print("\n".join(wrong) or "everything behaves as recorded")
        return 1 if wrong else 0
    build(options.out, counts)
    return 0


if __name__ == "__main__":
    sys.exit(main())
