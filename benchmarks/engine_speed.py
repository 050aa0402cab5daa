"""What does a simulated test cost? Processor time, not wall time, so that a busy machine blurs it less.

For each engine, in one invocation: a trivial ``iostream`` program alone, each further test of it, and simulated
instructions a second on a program that loops. From these follows what the whole benchmark costs: 978 pairs with 8
candidates each, about 80 tests a program.

Usage::

    python benchmarks/engine_speed.py --engines skylake,cachegrind
"""

from __future__ import annotations

import argparse
import ctypes
import os
import resource
import sys
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sandbox.engines import Engine, EngineContext, make_engine
from sandbox.isolation import make_isolation
from sandbox.toolchain import compile_source, get_root
from sandbox.types import Limits, Run, SandboxError

PROGRAMS, TESTS = 978 * 8, 80
"""The paper's test split at best@8, and tests a problem."""

TRIVIAL = "#include <iostream>\nint main() { int n; std::cin >> n; std::cout << 2 * n << std::endl; }\n"
LOOP = """
#include <cstdio>
int best[1001];
int main() {
    int n;
    std::scanf("%d", &n);
    for (int item = 1; item <= n; item++)
        for (int size = 1000; size >= item % 97; size--) {
            int with = best[size - item % 97] + item % 89;
            if (with > best[size]) best[size] = with;
        }
    std::printf("%d\\n", best[1000]);
}
"""
LIMITS = Limits(ticks=400_000_000_000, cpu_seconds=100)


@dataclass(frozen=True)
class Cost:
    """What some runs cost.

    Attributes:
        cpu_seconds: User and system time of everything that the engine started.
        instructions: Simulated ones, 0 where the engine doesn't count them.
    """

    cpu_seconds: float
    instructions: int


def adopt_orphans() -> None:
    """Become the parent of processes whose own parent ends first, as bubblewrap does.

    Raises:
        OSError: The kernel refuses.
    """
    subreaper = 36  # PR_SET_CHILD_SUBREAPER, linux/prctl.h
    if ctypes.CDLL(None, use_errno=True).prctl(subreaper, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


def used() -> float:
    """User and system time of all children so far, in seconds; waits for those that still end."""
    with suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def cost(engine: Engine, program: Path, inputs: Sequence[bytes]) -> Cost:
    """Run ``program`` on ``inputs``.

    Raises:
        SandboxError: A run had no time.
    """
    before = used()
    runs: list[Run] = list(engine.run(program, inputs, LIMITS))
    cpu = used() - before
    failed = next((run for run in runs if run.ticks is None), None)
    if failed is not None:
        raise SandboxError(f"{engine.name}: {failed.ending.value} {failed.message}")
    return Cost(cpu, sum(run.instructions or 0 for run in runs))


def cheapest(engine: Engine, program: Path, inputs: Sequence[bytes], repetitions: int) -> Cost:
    """The least of several costs: what else the machine does only adds."""
    return min((cost(engine, program, inputs) for _ in range(repetitions)), key=lambda one: one.cpu_seconds)


def report(engine: Engine, trivial: Path, loop: Path, repetitions: int) -> float:
    """Prints one engine's line and returns its processor seconds for the 80 tests of a program."""
    alone = cheapest(engine, trivial, [b"7\n"], repetitions)
    many = cheapest(engine, trivial, [b"%d\n" % n for n in range(TESTS)], repetitions)
    further = (many.cpu_seconds - alone.cpu_seconds) / (TESTS - 1)
    short, long = (cheapest(engine, loop, [b"%d\n" % n], repetitions) for n in (100, 5100))
    rate = (long.instructions - short.instructions) / (long.cpu_seconds - short.cpu_seconds) / 1e6
    hours = PROGRAMS * many.cpu_seconds / 3600
    print(
        f"{engine.name:12}{1e3 * alone.cpu_seconds:10.0f} ms{1e3 * further:10.1f} ms{rate:10.1f}"
        f"{1e3 * many.cpu_seconds / TESTS:14.1f} ms{hours:12.1f} h"
    )
    return many.cpu_seconds


def main(arguments: Iterable[str] | None = None) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engines", default="skylake,cachegrind", help="comma-separated names")
    parser.add_argument("--root", default="paper", help="toolchain root (default: paper)")
    parser.add_argument("--repetitions", type=int, default=3, help="the cheapest of so many counts (default: 3)")
    options = parser.parse_args(None if arguments is None else list(arguments))
    adopt_orphans()
    try:
        root, isolation = get_root(options.root), make_isolation("bubblewrap")
        # an audit would run some tests a second time
        settings = {"skylake": {"audit": "0"}}
        names = options.engines.split(",")
        engines = [make_engine(name, EngineContext(root, isolation, settings.get(name, {}))) for name in names]
        for engine in engines:
            engine.check()
        with tempfile.TemporaryDirectory() as folder:
            Path(folder).chmod(0o755)
            trivial, loop = Path(folder) / "trivial", Path(folder) / "loop"
            before = used()
            sources = {trivial: TRIVIAL, loop: LOOP}
            for program, source in sources.items():
                result = compile_source(source, root, isolation, LIMITS, program)
                if not result.ok:
                    raise SandboxError(result.message)
            compiling = (used() - before) / len(sources)
            print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors, root {options.root}; CPU time:")
            print(f"{'engine':12}{'alone':>13}{'further':>13}{'MIPS':>10}{'a test of 80':>17}{'benchmark':>14}")
            costs = [report(engine, trivial, loop, options.repetitions) for engine in engines]
    except SandboxError as error:
        print(error, file=sys.stderr)
        return 1
    for engine, own in zip(engines[1:], costs[1:], strict=True):
        print(f"{engines[0].name} does the 80 tests of a program in 1/{own / costs[0]:.0f} of {engine.name}'s time")
    print(f"compilation: {compiling:.2f} s a program, {PROGRAMS * compiling / 3600:.1f} h for {PROGRAMS} programs")
    return 0


if __name__ == "__main__":
    sys.exit(main())
