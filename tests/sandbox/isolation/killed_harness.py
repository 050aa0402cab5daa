"""A harness that others kill: judges programs on a given store until it has judged them all.

python killed_harness.py ISOLATION FOLDER SEED COUNT
"""

import sys
from pathlib import Path

from sandbox.scheduler import SandboxConfig, Scheduler
from sandbox.types import Limits, Submission, TestCase, Verdict

TESTS = tuple(TestCase(str(n), b"%d\n" % n, b"%d\n" % (2 * n)) for n in range(3))
PROGRAM = """
#include <cstdio>
int main() {{
    int n;
    scanf("%d", &n);
    volatile int seed = {seed};
    for (volatile int i = 0; i < 3000000; i = i + 1);
    printf("%d\\n", seed % 7 ? 2 * n : 3 * n);
}}
"""
LIMITS = Limits(cpu_seconds=5, memory_bytes=64 << 20)


def judge(isolation: str, folder: Path, seed: int, count: int) -> list[Verdict]:
    """Verdicts of ``count`` programs that ``seed`` numbers."""
    config = SandboxConfig(
        engine="cachegrind",
        toolchain="host",
        isolation=isolation,
        accept_no_isolation=isolation == "none",
        limits=LIMITS,
        store=folder / "store.sqlite",
        cache=folder / "cache",
    )
    with Scheduler(config, workers=2) as scheduler:
        programs = [PROGRAM.format(seed=seed + number) for number in range(count)]
        futures = [scheduler.submit(Submission(program, TESTS, LIMITS)) for program in programs]
        print("started", flush=True)
        return [future.result()["strict"] for future in futures]


if __name__ == "__main__":
    judge(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
