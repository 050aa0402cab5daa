"""A run that others kill or interrupt: judges one program with gem5 and says how many simulations that took.

python -m tests.sandbox.gem5.killed_run TOOLCHAIN ISOLATION FOLDER
"""

import json
import sys
from pathlib import Path

from sandbox.scheduler import SandboxConfig, Scheduler
from sandbox.types import Limits, Submission, TestCase
from tests.sandbox.gem5.programs import OPENING

INPUTS = tuple(b"%d\n" % n for n in range(8))
TESTS = tuple(TestCase(str(n), data, data) for n, data in enumerate(INPUTS))
PROGRAM = (
    OPENING
    + """
int main() {
  int n;
  scanf("%d", &n);
  for (volatile int i = 0; i < 40000; i = i + 1);
  printf("%d\\n", n);
}
"""
)
"""Long enough to be met in the middle of a test."""


def judge(toolchain: str, isolation: str, folder: Path) -> None:
    """Print the number of simulations and each test's ticks."""
    limits = Limits()
    config = SandboxConfig(
        "gem5", toolchain, isolation, limits=limits, store=folder / "store.sqlite", cache=folder / "cache"
    )
    with Scheduler(config, 1) as scheduler:
        verdict = scheduler.submit(Submission(PROGRAM, TESTS, limits)).result()["strict"]
        print(
            json.dumps({"simulations": scheduler.progress.timed_runs, "ticks": [test.ticks for test in verdict.tests]})
        )


if __name__ == "__main__":
    judge(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
