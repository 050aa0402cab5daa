"""What does the harness itself cost? 978 pairs x 40 candidates through the real scheduler, store and worker processes.

    python benchmarks/scheduler_overhead.py [--pairs 978] [--candidates 40] [--tests 80] [--workers 2] [--check]

Only the outermost parts are synthetic: an isolation that "compiles" a program to its text without comments and an engine
that computes its output in Python, so that what is left is the harness: queueing, dispatch, checking, storing, judging.
Of the candidates a third repeats another's program or binary, a quarter is wrong on some test, some don't compile or hold
no code. Printed are the harness's memory (resident, at its peak and along the way; all scores are kept, as the frameworks
do) and the time a unit costs: on the harness's processor, and from giving a unit to a worker to having its outcome, less
what the worker spent on it, up to the last unit (scores are made of the verdicts after it). ``--check`` exits with 1 above
2 ms or 1 GiB.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from throughput import fresh_cache

from sandbox.engines import ENGINES
from sandbox.engines.base import EngineContext
from sandbox.executors import EXECUTORS, SameMachine, local
from sandbox.isolation import ISOLATIONS
from sandbox.isolation.base import Command, Completed
from sandbox.scheduler.work import Done, Unit
from sandbox.types import Ending, Limits, Run, SandboxError, TestCase
from scorers.evaluate import Evaluator, Settings
from scorers.types import Pair

PROBLEMS = 41
MOST_MILLISECONDS = 2.0
MOST_BYTES = 1 << 30
NAME = "synthetic"
_FILLER = "    for (int i = 0; i < n; i++) total += values[i] * weights[i];\n" * 20


@ISOLATIONS.register(NAME)
class SyntheticIsolation:
    """Starts nothing: a compilation copies the source without its comments, or refuses it."""

    name = NAME
    contains = True
    limits_tree = False

    def check(self) -> None:
        """Works everywhere."""

    def fingerprint(self) -> Mapping[str, str]:
        return {"isolation": self.name}

    def run(self, command: Command) -> Completed:
        if "/work/prog" in command.readonly:
            assert isinstance(command.stdin, bytes)
            return Completed(0, None, None, answer(command.readonly["/work/prog"].read_text(), command.stdin), b"", 0.0)
        source = command.readonly["/work/prog.cpp"].read_text()
        if "#error" in source:
            return Completed(1, None, None, b"", b"prog.cpp: error", 0.0)
        (command.writable["/out"] / "prog").write_text(re.sub(r"/\*.*?\*/", "", source))
        return Completed(0, None, None, b"", b"", 0.0)

    def popen(self, command: Command) -> subprocess.Popen[bytes]:
        raise SandboxError("the synthetic isolation starts no process")


@ENGINES.register(NAME)
class SyntheticEngine:
    """Answers at once."""

    name = NAME
    native_first = False

    def __init__(self, context: EngineContext) -> None:
        pass

    def check(self) -> None:
        """Works everywhere."""

    def fingerprint(self) -> Mapping[str, str]:
        return {"engine": self.name}

    def run(self, program: Path, inputs: Sequence[bytes], limits: Limits) -> Iterator[Run]:
        text = program.read_text()
        for data in inputs:
            yield Run(Ending.EXITED, 0, answer(text, data), ticks=1000 + len(text), instructions=1000)


def answer(program: str, data: bytes) -> bytes:
    """What a program prints: the input's first line, but not on the test on which it is wrong."""
    line = data.partition(b"\n")[0]
    wrong = re.search(r"wrong on (\d+);", program)
    return b"?" if wrong and line.split()[-1] == wrong[1].encode() else line


EXECUTORS.register(NAME)(SameMachine(partial(local, preload=["scheduler_overhead"])))


def make_items(pairs: int, candidates: int, tests: int) -> list[tuple[Pair, list[str]]]:
    """Pairs with their responses, always the same ones."""
    chance = random.Random(8)
    problems = [
        tuple(
            TestCase(
                str(index),
                b"problem %d test %d\n" % (problem, index) + b"7 " * 4000,
                b"problem %d test %d" % (problem, index),
            )
            for index in range(tests)
        )
        for problem in range(PROBLEMS)
    ]
    items = []
    for number in range(pairs):
        problem = number % PROBLEMS
        slow = _program(f"source {number}")
        responses = [_response(chance, problem, number, sample, tests) for sample in range(candidates)]
        items.append((Pair(f"pair{number}", f"p{problem}", slow, problems[problem]), responses))
    return items


def _program(name: str) -> str:
    return f'#include <cstdio>\nint main() {{ // "{name}";\n{_FILLER}}}\n'


def _response(chance: random.Random, problem: int, pair: int, sample: int, tests: int) -> str:
    kind = chance.random()
    if kind < 0.05:
        return "I can't make this any faster."
    if kind < 0.10:
        return f"```cpp\n#error {pair} {sample}\nint main() {{}}\n```"
    if kind < 0.35:
        return f"```cpp\n{_program(f'{pair} {sample}, wrong on {int(chance.expovariate(0.3)) % tests};')}```"
    if kind < 0.65:  # somebody else's idea too: the same text, or the same but for comments
        popular = _program(f"popular {problem} {chance.randrange(8)}")
        return f"```cpp\n{popular}```" if kind < 0.5 else f"```cpp\n/* {pair} {sample} */{popular}```"
    return f"```cpp\n{_program(f'{pair} {sample}')}```"


def resident_bytes() -> int:
    """Memory of this process now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


class Watch:
    """Samples this process's memory until it is closed."""

    def __init__(self) -> None:
        self.samples: list[int] = []
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)
        self._thread.start()

    def _sample(self) -> None:
        while not self._ended.wait(0.5):
            self.samples.append(resident_bytes())

    def close(self) -> None:
        """Stop, with one last sample."""
        self._ended.set()
        self._thread.join()
        self.samples.append(resident_bytes())


def main() -> int:
    """Run it and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=978)
    parser.add_argument("--candidates", type=int, default=40)
    parser.add_argument("--tests", type=int, default=80)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    items = make_items(arguments.pairs, arguments.candidates, arguments.tests)
    programs = sum(1 + len(responses) for _, responses in items)
    print(f"{arguments.pairs} pairs x {arguments.candidates} candidates, {arguments.tests} tests: {programs} programs")
    with tempfile.TemporaryDirectory(prefix="pie-overhead-") as temporary:
        folder = Path(temporary)
        with fresh_cache(folder / "cache"):
            return measure(items, folder, arguments.workers, check=arguments.check)


def measure(items: list[tuple[Pair, list[str]]], folder: Path, workers: int, *, check: bool) -> int:
    """Score ``items`` twice: with an empty store, and from the store."""
    settings = Settings(engine=NAME, isolation=NAME, executor=NAME, workers=workers, store=folder / "store.sqlite")
    units: list[tuple[float, Done]] = []

    def count(unit: Unit, done: Done) -> None:
        units.append((time.perf_counter(), done))

    before = resident_bytes()
    watch, cpu, started = Watch(), time.process_time(), time.perf_counter()
    with Evaluator(settings, on_unit=count) as evaluator:
        scores = evaluator.evaluate(items)
        progress = evaluator.progress
    wall, cpu = time.perf_counter() - started, time.process_time() - cpu
    watch.close()
    inside = sum(done.seconds for _, done in units)
    runs = sum(done.timed_runs for _, done in units)
    working = units[-1][0] - started
    harness, dispatch = 1000 * cpu / len(units), 1000 * (workers * working - inside) / len(units)
    print(f"verdicts: {dict(progress.verdicts)}")
    print(f"{len(units)} units, {runs} runs in {working:.0f} s on {workers} workers, {wall:.0f} s with the scores")
    print(f"store: {_size(folder):.0f} MB")
    print(f"harness's processor time a unit:   {harness:6.3f} ms")
    print(f"worker time a unit outside it:     {dispatch:6.3f} ms (waiting for the harness included)")
    print(f"worker time a run, all bookkeeping:{1000 * inside / max(1, runs):6.3f} ms")
    tenths = [watch.samples[len(watch.samples) * tenth // 10] >> 20 for tenth in range(10)]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10
    print(f"harness's memory: {before >> 20} MiB before, along the way {tenths} MiB, peak {peak >> 20} MiB")
    cpu, started = time.process_time(), time.perf_counter()
    with Evaluator(settings) as evaluator:
        assert evaluator.evaluate(items) == scores
        assert evaluator.progress.from_store == evaluator.progress.done
        programs = evaluator.progress.done
    cpu, wall = time.process_time() - cpu, time.perf_counter() - started
    again = f"{1000 * wall / programs:.3f} ms a candidate ({1000 * cpu / programs:.3f} ms of processor time)"
    print(f"scored again from the store: {again}")
    return 1 if check and (max(harness, dispatch) > MOST_MILLISECONDS or peak > MOST_BYTES) else 0


def _size(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.glob("store.sqlite*")) / 1e6


if __name__ == "__main__":
    sys.modules["scheduler_overhead"] = sys.modules["__main__"]
    sys.exit(main())
