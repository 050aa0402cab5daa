"""How near do engines come to PIE's clock, gem5 v20.1 in the ``paper`` root?

References are real gem5 runs: those in ``../shared/data/gem5_golden/v20.1-paper`` where present, and those of the bundled
split that ``heldout.py`` made (``docs/measured/pie_mini-gem5-v20.1-paper.json``). Each engine, and two
straw men (a constant; the time of start-up alone), is compared by

* the time of a program: median, 90th percentile and worst of |log(engine / gem5)|, by class of program;
* the speedup of a pair: the same, in bands of gem5's speedup, with Spearman's rank correlation, the share of pairs on
  which the decision "at least 1.1 times as fast" agrees, and the error of the mean speedup.

The micro-programs served to build the model; the bundled split (``mini``) and the programs of real PIE rows (``pie``) did
not, and are reported apart. Of the bundled split's pairs a sample with the same number of pairs in every band is reported
too.

Usage::

    python benchmarks/engine_fidelity.py --engines skylake,cachegrind --save times.jsonl
    python benchmarks/engine_fidelity.py --times times.jsonl
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
import statistics
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pie_tasks.dataset import load_split
from pie_tasks.generations import BUNDLED, read_generations
from sandbox.types import sha256
from scorers.extract import extract_code

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
GOLDEN = DATA / "gem5_golden" / "v20.1-paper"
MINI = Path(__file__).resolve().parents[1] / "docs" / "measured" / "pie_mini-gem5-v20.1-paper.json"
GROUPS = ("micro", "mini", "pie")
BANDS = ((0.8, 1.1), (1.1, 1.5), (1.5, 3.0), (3.0, 8.0), (8.0, math.inf))
DECISION = 1.1
"""PIE calls a program optimized from this speedup on."""

CLASSES = {
    "start-up": ("startup_",),
    "integer": ("int_", "mul_", "popcount", "mod_constant", "int128", "knapsack", "edit_distance"),
    "division": ("div64", "mod32"),
    "float": ("double_", "sqrt", "long_double", "matmul"),
    "branchy": ("branch_", "sort", "fib", "indirect", "exceptions"),
    "memory": (
        "pointer",
        "random_gather",
        "stream",
        "column",
        "clear",
        "zeroed",
        "deep",
        "sieve",
        "store_forward",
        "memcpy",
        "vector",
        "map",
    ),
    "string/IO": ("read_", "write_", "string"),
}


@dataclass(frozen=True)
class Case:
    """One run that gem5 has timed.

    Attributes:
        name: Unique name, ``program.input``.
        program: Name of the program.
        source: Its text.
        stdin: What it reads.
        ticks: gem5's time.
        instructions: gem5's count.
        group: One of :data:`GROUPS`.
    """

    name: str
    program: str
    source: str
    stdin: bytes
    ticks: int
    instructions: int
    group: str


@dataclass(frozen=True)
class PairOfCases:
    """Two runs whose ratio of times is a speedup. ``old`` is the slower program by gem5, except in real PIE rows."""

    old: Case
    new: Case


def classify(program: str) -> str:
    """The class of a micro-program, by its name."""
    for label, prefixes in CLASSES.items():
        if program.startswith(prefixes):
            return label
    return "other"


def load_cases() -> list[Case]:
    """Every golden run with its program and input; of those that are in no file of this project only what is there."""
    cases = list(_mini_cases())
    if not GOLDEN.is_dir():
        return cases
    for row in _rows(GOLDEN / "micro.jsonl"):
        folder = GOLDEN.parent / "micro"
        source = (folder / f"{row['program']}.cpp").read_text()
        stdin = (folder / "inputs" / row["input"]).read_bytes()
        name = row["input"].removesuffix(".txt")
        stats = row["stats"]
        cases.append(Case(name, row["program"], source, stdin, stats["simTicks"], stats["simInsts"], "micro"))
    sources = {}
    for row in _rows(DATA / "pie_val_rows.jsonl"):
        sources[row["src_id"]], sources[row["tgt_id"]] = row["src_code"], row["tgt_code"]
    for row in _rows(GOLDEN / "pie.jsonl"):
        path = DATA / "public_test_cases" / row["problem_id"] / f"input.{row['test']}.txt"
        name = f"{row['program_id']}.{row['test']}"
        source, stats = sources[row["program_id"]], row["stats"]
        stdin = path.read_bytes()
        cases.append(Case(name, row["program_id"], source, stdin, stats["simTicks"], stats["simInsts"], "pie"))
    return cases


def _mini_cases() -> Iterator[Case]:
    split, answers = load_split("pie_mini"), read_generations(BUNDLED)
    kept = json.loads(MINI.read_text(encoding="utf-8"))
    sources: dict[str, str] = {}
    inputs: dict[tuple[str, str], bytes] = {}
    for row in split.rows:
        codes = [row.src_code, row.tgt_code, *(extract_code(text, row.src_code) for text in answers[row.pair_id])]
        sources |= {sha256(code.encode()): code for code in codes if code}
        for test in split.pair(row).tests:
            inputs[row.problem_id, test.name] = test.input
    for problem_id, hashes in kept["input_sha256"].items():
        if any(sha256(inputs[problem_id, test]) != digest for test, digest in hashes.items()):
            sys.exit(f"{MINI}: {problem_id} has other inputs than when it was timed; run benchmarks/heldout.py")
    for row in kept["programs"]:
        problem_id, source = row["problem_id"], sources[row["source_sha256"]]
        program = f"{problem_id}-{row['source_sha256'][:12]}"
        for test, (ticks, instructions) in row["tests"].items():
            stdin = inputs[problem_id, test]
            yield Case(f"{program}.{test}", program, source, stdin, ticks, instructions, "mini")


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def pairs_of(cases: Sequence[Case]) -> dict[str, list[PairOfCases]]:
    """Micro-programs paired with each other, a problem's programs on the same test, PIE's rows on the same test."""
    pairs: dict[str, list[PairOfCases]] = {group: [] for group in GROUPS}
    comparable: dict[tuple[str, str], list[Case]] = defaultdict(list)
    for case in cases:
        if case.group == "micro":
            comparable["micro", ""].append(case)
        elif case.group == "mini":
            comparable["mini", f"{case.program.partition('-')[0]} {case.name.rpartition('.')[2]}"].append(case)
    for (group, _), own in comparable.items():
        for a, b in itertools.combinations(own, 2):
            pairs[group].append(PairOfCases(a, b) if a.ticks >= b.ticks else PairOfCases(b, a))
    by_name = {case.name: case for case in cases if case.group == "pie"}
    tests = defaultdict(set)
    for case in by_name.values():
        tests[case.program].add(case.name.rpartition(".")[2])
    seen = set()
    for row in _rows(DATA / "pie_val_rows.jsonl") if by_name else []:
        key = (str(row["src_id"]), str(row["tgt_id"]))
        if key in seen:
            continue
        seen.add(key)
        for test in sorted(tests[key[0]] & tests[key[1]]):
            pairs["pie"].append(PairOfCases(by_name[f"{key[0]}.{test}"], by_name[f"{key[1]}.{test}"]))
    return pairs


def measure(cases: Sequence[Case], engine_name: str, root_name: str) -> dict[str, dict[str, int]]:
    """Ticks and instructions of every case under an engine; a case that fails is missing."""
    from sandbox.engines import EngineContext, make_engine
    from sandbox.isolation import make_isolation
    from sandbox.toolchain import get_root
    from sandbox.toolchain.compile import compile_source
    from sandbox.types import Limits

    root, isolation, limits = get_root(root_name), make_isolation("bubblewrap"), Limits()
    engine = make_engine(engine_name, EngineContext(root, isolation, {}))
    engine.check()
    times: dict[str, dict[str, int]] = {}
    by_program: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        by_program[case.program].append(case)
    with tempfile.TemporaryDirectory() as folder:
        for program, own in by_program.items():
            out = Path(folder) / program
            result = compile_source(own[0].source, root, isolation, limits, out)
            if not result.ok:
                print(f"{program}: {result.message}", file=sys.stderr)
                continue
            for case, run in zip(own, engine.run(out, [case.stdin for case in own], limits), strict=True):
                if run.ticks is None:
                    print(f"{case.name}: {run.ending.value} {run.message}", file=sys.stderr)
                    continue
                times[case.name] = {"ticks": run.ticks, "instructions": run.instructions or 0}
    return times


def straw_men(cases: Sequence[Case]) -> dict[str, dict[str, dict[str, int]]]:
    """A constant (the median program) and start-up alone (whether a program uses iostream)."""
    median = int(statistics.median(case.ticks for case in cases))
    startup = {case.program: case.ticks for case in cases if case.program in ("startup_iostream", "startup_stdio")}
    stdio, iostream = startup.get("startup_stdio", median), startup.get("startup_iostream", median)

    def uses_iostream(source: str) -> bool:
        return any(f"<{header}>" in source for header in ("iostream", "bits/stdc++.h", "sstream", "fstream"))

    return {
        "constant": {case.name: {"ticks": median, "instructions": 0} for case in cases},
        "start-up": {
            case.name: {"ticks": iostream if uses_iostream(case.source) else stdio, "instructions": 0} for case in cases
        },
    }


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which ``share`` of the sorted ``values`` lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def describe(errors: Sequence[float]) -> str:
    """``n``, median, 90th percentile and worst of absolute log errors, in percent."""
    if not errors:
        return "-"
    absolute = [abs(error) for error in errors]
    figures = (statistics.median(absolute), quantile(absolute, 0.9), max(absolute))
    return f"{len(errors):5d}  " + "  ".join(f"{100 * figure:6.2f}" for figure in figures)


def spearman(a: Sequence[float], b: Sequence[float]) -> float:
    """Rank correlation (ties by their mean rank)."""

    def ranks(values: Sequence[float]) -> list[float]:
        order = sorted(range(len(values)), key=values.__getitem__)
        result = [0.0] * len(values)
        for _, same in itertools.groupby(enumerate(order), key=lambda item: values[item[1]]):
            group = list(same)
            mean = sum(position for position, _ in group) / len(group)
            for _, index in group:
                result[index] = mean
        return result

    x, y = ranks(a), ranks(b)
    return statistics.correlation(x, y) if len(set(x)) > 1 and len(set(y)) > 1 else math.nan


def report(cases: Sequence[Case], times: Mapping[str, Mapping[str, Mapping[str, int]]], detail: bool) -> None:
    """Prints the tables."""
    pairs = pairs_of(cases)
    for name, measured in times.items():
        known = [case for case in cases if case.name in measured]
        error = {case.name: math.log(measured[case.name]["ticks"] / case.ticks) for case in known}
        print(f"\n== {name}: time of a program, |log error| in %      n  median     p90   worst")
        for group in GROUPS:
            print(f"{group:48s}{describe([error[case.name] for case in known if case.group == group])}")
        for label in CLASSES:
            own = [error[c.name] for c in known if c.group == "micro" and classify(c.program) == label]
            print(f"    {label:44s}{describe(own)}")
        counts = [
            math.log(measured[case.name]["instructions"] / case.instructions)
            for case in known
            if measured[case.name]["instructions"]
        ]
        print(f"{'instructions':48s}{describe(counts)}")
        print(f"== {name}: speedup of a pair")
        for group, own_pairs in pairs.items():
            timed = [pair for pair in own_pairs if pair.old.name in error and pair.new.name in error]
            _report_pairs(group, timed, measured, error)
            if group == "mini":
                _report_pairs("mini, equal shares", equal_shares(timed), measured, error)
        if detail:
            for case in known:
                print(f"    {case.name:28s}{100 * error[case.name]:8.2f} %")


def equal_shares(pairs: Sequence[PairOfCases]) -> list[PairOfCases]:
    """A fixed sample with as many pairs in each band as the rarest band has."""
    bands = [[pair for pair in pairs if low <= pair.old.ticks / pair.new.ticks < high] for low, high in BANDS]

    def place(pair: PairOfCases) -> str:
        return sha256(f"{pair.old.name} {pair.new.name}".encode())

    least = min(map(len, bands))
    return [pair for band in bands for pair in sorted(band, key=place)[:least]]


def _report_pairs(
    group: str,
    pairs: Sequence[PairOfCases],
    measured: Mapping[str, Mapping[str, int]],
    error: Mapping[str, float],
) -> None:
    if not pairs:
        return
    reference = [p.old.ticks / p.new.ticks for p in pairs]
    own = [measured[p.old.name]["ticks"] / measured[p.new.name]["ticks"] for p in pairs]
    errors = [error[p.old.name] - error[p.new.name] for p in pairs]
    print(f"{group:48s}{describe(errors)}")
    for low, high in BANDS:
        inside = [e for e, r in zip(errors, reference, strict=True) if low <= r < high]
        print(f"    speedup {low:g} to {high:<32g}{describe(inside)}")
    agree = sum((r >= DECISION) == (o >= DECISION) for r, o in zip(reference, own, strict=True)) / len(pairs)
    mean = statistics.fmean(max(1.0, o) for o in own) / statistics.fmean(max(1.0, r) for r in reference) - 1
    rank = spearman(reference, own)
    print(f"    spearman {rank:.4f}, >= {DECISION} agrees {100 * agree:.1f} %, mean {100 * mean:+.2f} %")


def main(arguments: Iterable[str] | None = None) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engines", default="skylake,cachegrind", help="comma-separated names")
    parser.add_argument("--root", default="paper", help="toolchain root (default: paper)")
    parser.add_argument("--groups", default=",".join(GROUPS), help="which references (default: all)")
    parser.add_argument("--times", type=Path, action="append", default=[], help="times measured before, instead")
    parser.add_argument("--save", type=Path, help="where to keep what was measured")
    parser.add_argument("--detail", action="store_true", help="print each program's error")
    options = parser.parse_args(None if arguments is None else list(arguments))
    cases = [case for case in load_cases() if case.group in options.groups.split(",")]
    if not cases:
        print(f"no reference times in {GOLDEN}", file=sys.stderr)
        return 2
    times: dict[str, dict[str, dict[str, int]]] = {}
    for path in options.times:
        for row in _rows(path):
            times.setdefault(str(row["engine"]), {})[str(row["case"])] = {
                "ticks": row["ticks"],
                "instructions": row["instructions"],
            }
    if not options.times:
        times = {name: measure(cases, name, options.root) for name in options.engines.split(",")}
    if options.save:
        lines = (
            json.dumps({"engine": engine, "case": case} | values)
            for engine, measured in times.items()
            for case, values in measured.items()
        )
        options.save.write_text("\n".join(lines) + "\n")
    report(cases, times | straw_men(cases), options.detail)
    return 0


if __name__ == "__main__":
    sys.exit(main())
