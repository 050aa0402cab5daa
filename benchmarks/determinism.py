"""Does an engine give the same time again, whatever else is different?

    python benchmarks/determinism.py [--engine skylake] [--toolchain paper] [--runs 20] [--tests 2]

Compiles every program of the bundled split once and runs it ``--runs`` times on its first ``--tests`` tests, each time in a
process of its own with another environment, working directory and folder for temporary files; every second time while a
busy process a core competes, and, where this is root and others can run its Python, every third time as another user.
Prints what differs, and exits with 1 if anything does.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from pie_tasks.dataset import load_split
from sandbox.engines import EngineContext, make_engine
from sandbox.isolation import make_isolation
from sandbox.paths import can_be_entered, default_cache, toolchains_folder, visible_cache
from sandbox.scheduler import default_workers
from sandbox.toolchain import compile_source, get_root
from sandbox.types import Limits, SandboxError

SEED = 11
ROOT = Path(__file__).resolve().parents[1]


def compile_all(toolchain: str, folder: Path) -> int:
    """Compile the split's programs into ``folder``, each beside the name of its problem; returns how many."""
    split, root, isolation = load_split("pie_mini"), get_root(toolchain), make_isolation("bubblewrap")
    sources = {code: row.problem_id for row in split.rows for code in (row.src_code, row.tgt_code)}

    def one(number: int, source: str) -> None:
        result = compile_source(source, root, isolation, Limits(), folder / f"{number}.{sources[source]}")
        if not result.ok:
            raise SandboxError(result.message)

    with ThreadPoolExecutor(default_workers()) as pool:
        list(pool.map(one, range(len(sources)), sources))
    return len(sources)


def measure(engine_name: str, toolchain: str, tests: int, folder: Path) -> dict[str, list[int | None]]:
    """Ticks of every program in ``folder`` on its first tests."""
    split, isolation = load_split("pie_mini"), make_isolation("bubblewrap")
    engine = make_engine(engine_name, EngineContext(get_root(toolchain), isolation, {}))
    engine.check()

    def one(program: Path) -> tuple[str, list[int | None]]:
        inputs = [test.input for test in split.folder.load(program.suffix[1:])[:tests]]
        return program.name, [run.ticks for run in engine.run(program, inputs, Limits())]

    with ThreadPoolExecutor(default_workers()) as pool:
        return dict(pool.map(one, sorted(folder.iterdir())))


@contextmanager
def busy(is_busy: bool) -> Iterator[None]:
    """Keep every core busy meanwhile, or not."""
    cores = os.cpu_count() or 1 if is_busy else 0
    others = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(cores)]
    try:
        yield
    finally:
        for other in others:
            other.kill()
            other.wait()


def can_be_others() -> bool:
    """Whether this process may be another user, who gets as far as its Python and this package."""
    needed = (Path(sys.executable).resolve().parent, Path(sys.prefix), ROOT)
    return os.geteuid() == 0 and all(can_be_entered(folder) for folder in needed)


def elsewhere(number: int, arguments: argparse.Namespace, programs: Path) -> dict[str, list[int | None]]:
    """Run number ``number`` in a process of its own."""
    chance = random.Random(SEED + number)
    other_user = can_be_others() and number % 3 == 2
    cache = visible_cache(default_cache())
    with tempfile.TemporaryDirectory() as name, busy(number % 2 == 1):
        folder = Path(name)
        folder.chmod(0o777)
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "HOME": name,
            "TMPDIR": name,
            "PIE_CACHE_DIR": str(cache),
            "PIE_TOOLCHAINS_DIR": str(toolchains_folder()),
            **{f"V{chance.random()}": "x" * chance.randrange(3000) for _ in range(chance.randrange(20))},
        }
        done = subprocess.run(
            [
                *(sys.executable, __file__, "--programs", str(programs), "--engine", arguments.engine),
                *("--toolchain", arguments.toolchain, "--tests", str(arguments.tests)),
            ],
            env=environment,
            cwd=folder if number % 2 else "/",
            user="nobody" if other_user else None,
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode != 0:
        raise SandboxError(f"run {number} failed: {done.stderr.strip().splitlines()[-1:]}")
    measured: dict[str, list[int | None]] = json.loads(done.stdout)
    return measured


def main() -> int:
    """Run everything and compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", default="skylake")
    parser.add_argument("--toolchain", default="paper")
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--tests", type=int, default=2)
    parser.add_argument("--programs", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.programs:
        print(json.dumps(measure(arguments.engine, arguments.toolchain, arguments.tests, arguments.programs)))
        return 0
    with tempfile.TemporaryDirectory(prefix="pie-programs-") as name:
        programs = Path(name)
        programs.chmod(0o755)
        number = compile_all(arguments.toolchain, programs)
        first: dict[str, list[int | None]] = {}
        differing = 0
        for run in range(arguments.runs):
            measured = elsewhere(run, arguments, programs)
            first = first or measured
            for program in (program for program in first if measured[program] != first[program]):
                print(f"run {run}: {program} took {measured[program]}, before {first[program]}")
                differing += 1
            print(f"\r{run + 1} of {arguments.runs} runs", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    times = sum(len(ticks) for ticks in first.values())
    print(
        f"{arguments.engine} in {arguments.toolchain}: {number} programs, {times} times, {arguments.runs} runs each:",
        end=" ",
    )
    print("all equal" if not differing else f"{differing} programs' times differ")
    if not can_be_others():
        print("none of them as another user: this isn't root, or others can't run its Python")
    return 1 if differing else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except SandboxError as error:
        sys.exit(f"determinism: {error}")
