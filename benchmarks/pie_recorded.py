"""Which clock is PIE's? Speedups and times that PIE recorded, against those of a clock measured here.

A clock is an engine with its toolchain root. Real rows of PIE's validation split (``pie_val_rows.jsonl``, public tests
under ``--data``) are measured: pairs of every problem, both programs on all public tests. Recorded times are sums over
all of a problem's tests, most of which aren't public, so the number of tests is estimated (a whole number, from the median
program of the problem), and a pair is set apart when a program's recorded time per test differs by more than 20 % from what
its public tests take: its time depends on tests that aren't here. Those pairs are listed with this reason.

Printed for each clock, in percent: median, 90th percentile and worst of |log(measured / recorded)| of the speedup, over the
pairs and a line a problem; the share of pairs on which "at least 1.1 times as fast" agrees; and, for the complete test rows
(``pie_test_rows_sample.jsonl``), quantiles of recorded and measured times per test.

Everything measured is in the store, so an interrupted run goes on, and a second one is quick::

    PIE_GEM5=.../gem5.fast PIE_GEM5_ROOT=... python benchmarks/pie_recorded.py gem5@paper cachegrind@host
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pie_fidelity import CHECKER, DECISION, public_tests

from sandbox.scheduler import SandboxConfig, Scheduler, default_workers
from sandbox.types import TICKS_PER_SECOND, SandboxError, Submission, TestCase, Verdict

SAME_TESTS = math.log(1.2)
"""How far a recorded time per test may be from the public tests' for a pair to be compared."""

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)

SAMPLES = {
    "p02676": (
        ("7\nnikoandsolstice\n", "nikoand...\n"),
        ("40\nferelibenterhominesidquodvoluntcredunt\n", "ferelibenterhominesidquodvoluntcredunt\n"),
    ),
    "p02695": (
        ("3 4 3\n1 3 3 100\n1 2 2 10\n2 3 2 10\n", "110\n"),
        ("10 10 1\n1 10 9 1\n", "1\n"),
    ),
}
"""Samples in the statements of the problems of the complete rows (AtCoder ABC168 B, ABC165 C): (input, output)."""

Row = Mapping[str, Any]
Programs = Mapping[tuple[str, str], Verdict]
"""(problem, source) -> verdict."""


@dataclass(frozen=True)
class Pair:
    """One recorded pair, measured.

    Attributes:
        problem_id: Its problem.
        src_id: The slow program.
        tgt_id: The fast program.
        recorded: Speedup by PIE's gem5.
        measured: Speedup by this clock on the public tests.
        src_drift: log(recorded / measured) of the slow program's time per test.
        tgt_drift: The same of the fast program.
    """

    problem_id: str
    src_id: str
    tgt_id: str
    recorded: float
    measured: float
    src_drift: float
    tgt_drift: float

    @property
    def error(self) -> float:
        """|log(measured / recorded)| of the speedup."""
        return abs(math.log(self.measured / self.recorded))

    @property
    def comparable(self) -> bool:
        """Whether both recorded times per test are those of the public tests."""
        return max(abs(self.src_drift), abs(self.tgt_drift)) <= SAME_TESTS


def load(data: Path, pairs: int) -> list[Row]:
    """At most ``pairs`` rows of each problem, those whose targets serve most rows first: fewer programs to measure."""
    groups: dict[str, list[Row]] = defaultdict(list)
    for line in (data / "pie_val_rows.jsonl").read_text().splitlines():
        row = json.loads(line)
        groups[row["problem_id"]].append(row)
    chosen: list[Row] = []
    for _, rows in sorted(groups.items()):
        served = Counter(row["tgt_id"] for row in rows)
        chosen += sorted(rows, key=lambda row: (-served[row["tgt_id"]], row["tgt_id"], row["src_id"]))[:pairs]
    return chosen


def measure(rows: Sequence[Row], data: Path, scheduler: Scheduler, config: SandboxConfig) -> Programs:
    """The verdict of every program of ``rows``, each measured once."""
    wanted = {
        (row["problem_id"], row[f"{side}_code"]): tests_of(row["problem_id"], data)
        for row in rows
        for side in ("src", "tgt")
    }
    futures = {key: scheduler.submit(Submission(key[1], tests, config.limits)) for key, tests in wanted.items()}
    verdicts = {}
    for number, (key, future) in enumerate(futures.items(), 1):
        verdicts[key] = future.result()[CHECKER]
        print(f"\r{number} of {len(futures)} programs", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return verdicts


def tests_of(problem_id: str, data: Path) -> tuple[TestCase, ...]:
    """The tests of a problem that are public: its samples."""
    samples = enumerate(SAMPLES.get(problem_id, ()))
    own = tuple(TestCase(str(number), given.encode(), wanted.encode()) for number, (given, wanted) in samples)
    return own or public_tests(data, problem_id)


def seconds_each(verdict: Verdict) -> float:
    """Mean time of a test."""
    return verdict.seconds / len(verdict.tests)


def number_of_tests(rows: Sequence[Row], programs: Programs) -> int:
    """How many tests a problem's recorded times are sums of."""
    ratios: list[float] = [
        row[f"{side}_agg_runtime"] / seconds_each(programs[row["problem_id"], row[f"{side}_code"]])
        for row in rows
        for side in ("src", "tgt")
    ]
    return max(1, round(statistics.median(ratios)))


def compare(rows: Sequence[Row], programs: Programs) -> list[Pair]:
    """Recorded against measured; pairs without two times are named on standard error."""
    timed: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        verdicts = [programs[row["problem_id"], row[f"{side}_code"]] for side in ("src", "tgt")]
        if lacking := [verdict for verdict in verdicts if verdict.ticks is None]:
            reason = f"{lacking[0].status.value}, {lacking[0].message}"
            print(f"{row['problem_id']} {row['src_id']} {row['tgt_id']}: no time ({reason})", file=sys.stderr)
        else:
            timed[row["problem_id"]].append(row)
    pairs = []
    for problem, own in timed.items():
        tests = number_of_tests(own, programs)
        for row in own:
            src, tgt = (seconds_each(programs[problem, row[f"{side}_code"]]) for side in ("src", "tgt"))
            pairs.append(
                Pair(
                    problem,
                    row["src_id"],
                    row["tgt_id"],
                    row["src_agg_runtime"] / row["tgt_agg_runtime"],
                    src / tgt,
                    math.log(row["src_agg_runtime"] / tests / src),
                    math.log(row["tgt_agg_runtime"] / tests / tgt),
                )
            )
    return pairs


def print_pairs(pairs: Sequence[Pair]) -> None:
    """One line a problem and one for all; then the pairs that can't be compared."""
    groups: dict[str, list[Pair]] = defaultdict(list)
    for pair in pairs:
        if pair.comparable:
            groups[pair.problem_id].append(pair)
    print(f"{'problem':10} {'pairs':>5} {'median %':>9} {'p90 %':>7} {'worst %':>8} {'agree %':>8}")
    for problem, group in [*sorted(groups.items()), ("all", [pair for pair in pairs if pair.comparable])]:
        if not group:
            continue
        errors = sorted(100 * pair.error for pair in group)
        agree = sum((pair.recorded >= DECISION) == (pair.measured >= DECISION) for pair in group) / len(group)
        print(
            f"{problem:10} {len(group):5} {statistics.median(errors):9.2f} {quantile(errors, 0.9):7.2f} "
            f"{errors[-1]:8.2f} {100 * agree:8.1f}"
        )
    for pair in pairs:
        if not pair.comparable:
            drifts = f"{100 * math.expm1(pair.src_drift):+.0f} %, {100 * math.expm1(pair.tgt_drift):+.0f} %"
            print(
                f"apart: {pair.problem_id} {pair.src_id} {pair.tgt_id}, recorded {pair.recorded:.2f}, measured "
                f"{pair.measured:.2f}: recorded times per test differ from the public tests' by {drifts}"
            )


def quantile(ordered: Sequence[float], share: float) -> float:
    """The value below which ``share`` of the sorted values lie."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def load_complete(data: Path) -> list[Row]:
    """The complete test rows, whose recorded times are per test."""
    return [json.loads(line) for line in (data / "pie_test_rows_sample.jsonl").read_text().splitlines()]


def print_complete(rows: Sequence[Row], programs: Programs) -> None:
    """Quantiles of the recorded time per test, and of the measured times on the public tests, in milliseconds."""
    print(f"\n{'per test, ms':32} {'tests':>5} " + " ".join(f"{100 * share:6.0f} %" for share in QUANTILES))
    for row in rows:
        for side in ("src", "tgt"):
            recorded = sorted(1000 * value for value in row[f"{side}_code_tc2time"].values())
            verdict = programs[row["problem_id"], row[f"{side}_code"]]
            measured = sorted(1000 * test.ticks / TICKS_PER_SECOND for test in verdict.tests if test.ticks is not None)
            for what, values in (("recorded", recorded), ("measured", measured)):
                figures = " ".join(f"{quantile(values, share):8.4f}" for share in QUANTILES) if values else "no time"
                print(f"{row['problem_id']} {row[f'{side}_id']} {what:12} {len(values):5} {figures}")


def main(arguments: Iterable[str] | None = None) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clocks", nargs="*", default=["gem5@paper"], help="ENGINE@TOOLCHAIN (default: gem5@paper)")
    parser.add_argument("--pairs", type=int, default=50, help="pairs a problem at most (default: 50)")
    parser.add_argument("--save", type=Path, help="write all pairs to a JSON file")
    parser.add_argument("--data", type=Path, default=Path(__file__).resolve().parents[2] / "shared" / "data")
    options = parser.parse_args(None if arguments is None else list(arguments))
    if not (options.data / "pie_val_rows.jsonl").is_file():
        print(f"{options.data} has no pie_val_rows.jsonl; give the folder with --data", file=sys.stderr)
        return 2
    rows, complete = load(options.data, options.pairs), load_complete(options.data)
    saved: dict[str, Any] = {}
    for clock in options.clocks:
        engine, _, toolchain = clock.partition("@")
        config = SandboxConfig(engine=engine, toolchain=toolchain or "paper")
        try:
            with Scheduler(config, default_workers()) as scheduler:
                fingerprint = dict(scheduler.bench.fingerprint)
                programs = measure([*complete, *rows], options.data, scheduler, config)
        except SandboxError as error:
            print(error, file=sys.stderr)
            return 2
        pairs = compare(rows, programs)
        print(f"\n== {engine} in the root {config.toolchain}: |log(measured / recorded)| of the speedup")
        print_pairs(pairs)
        print_complete(complete, programs)
        saved[clock] = {"fingerprint": fingerprint, "pairs": [vars(pair) for pair in pairs]}
    if options.save:
        options.save.write_text(json.dumps(saved, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
