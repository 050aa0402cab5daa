"""How many rewards a second the sandbox gives, as a trainer asks for them: in batches, some programs new, some seen before.

    python benchmarks/reward_throughput.py [--engine skylake] [--batch 64] [--batches 4] [--workers N] [--repeated 0.25]

Programs are the recorded answers for ``pie_mini``, each made new by a comment that the compiler doesn't see but the store
does; binaries are therefore shared as a trainer's near-equal rollouts share them, unless ``--distinct`` changes a constant.
Prints rewards a second of each batch, and of a second pass that the store answers.
"""

from __future__ import annotations

import argparse
import os
import random
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from pie_tasks.dataset import load_split
from pie_tasks.generations import BUNDLED, read_generations
from sandbox.scheduler import DEFAULT_ENGINE
from scorers.evaluate import Evaluator, Settings
from scorers.reward import rewards
from scorers.types import Pair


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--engine", default=DEFAULT_ENGINE)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--batches", type=int, default=4)
    parser.add_argument("--workers", type=int)
    parser.add_argument("--repeated", type=float, default=0.25, help="share of a batch that repeats an earlier program")
    parser.add_argument("--distinct", action="store_true", help="make every new program another binary")
    arguments = parser.parse_args()
    batches = make_batches(arguments.batch, arguments.batches, arguments.repeated, arguments.distinct)
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(engine=arguments.engine, workers=arguments.workers, store=Path(folder) / "store.sqlite")
        load = os.getloadavg()[0]
        print(f"{arguments.engine}, {len(os.sched_getaffinity(0))} cores, load average {load:.1f} at the start")
        with Evaluator(settings) as evaluator:
            for name in ("new", "from the store"):
                for number, batch in enumerate(batches, 1):
                    start = time.monotonic()
                    earned = rewards(evaluator, batch)
                    seconds = time.monotonic() - start
                    right = sum(one.correct for one in earned)
                    print(
                        f"{name}, batch {number}: {len(batch)} rewards in {seconds:.1f} s,"
                        f" {len(batch) / seconds:.1f} a second, {right} correct"
                    )
            progress = evaluator.progress
            print(
                f"{progress.compiled} compiled, {progress.timed_runs} runs timed, {progress.from_store} from the store"
            )


def make_batches(size: int, count: int, repeated: float, distinct: bool) -> list[list[tuple[Pair, str]]]:
    """Batches of pairs with responses; the same in every run."""
    rng = random.Random(0)
    split = load_split("pie_mini")
    answers = read_generations(BUNDLED)
    pairs = {row.pair_id: split.pair(row) for row in split.rows}
    seen: list[tuple[Pair, str]] = []
    batches = []
    for _ in range(count):
        batch = []
        for _ in range(size):
            if seen and rng.random() < repeated:
                batch.append(rng.choice(seen))
                continue
            name = rng.choice(sorted(pairs))
            seen.append((pairs[name], _new(answers[name], rng, distinct)))
            batch.append(seen[-1])
        batches.append(batch)
    return batches


def _new(answers: Sequence[str], rng: random.Random, distinct: bool) -> str:
    mark = rng.randrange(10**9)
    line = f"volatile int mark_{mark} = {mark};" if distinct else f"// {mark}"
    text = rng.choice(answers)
    return text.replace("#include", f"{line}\n#include", 1)


if __name__ == "__main__":
    main()
