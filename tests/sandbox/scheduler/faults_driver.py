"""A run in a process of its own, to be killed: judges a fixed list of programs and writes the table of verdicts.

    python tests/sandbox/scheduler/faults_driver.py EXECUTOR STORE CACHE TABLE

Its engine is cachegrind, which notes each simulation in the file ``PIE_TEST_JOURNAL``: with ``again`` if the store
already had the run.
"""

import hashlib
import json
import os
import sqlite3
import sys
from dataclasses import asdict
from functools import partial
from pathlib import Path

from sandbox.engines import ENGINES, cachegrind
from sandbox.executors import EXECUTORS, SameMachine, local
from sandbox.scheduler import SandboxConfig, Scheduler
from sandbox.types import Limits, Submission, TestCase

DOUBLE = '#include <cstdio>\nint main() { int n; scanf("%d", &n); printf("%d\\n", 2 * n); }\n'
TESTS = tuple(TestCase(str(n), b"%d\n" % n, b"%d\n" % (2 * n)) for n in range(5))
HEAVY = DOUBLE.replace("<cstdio>", "<bits/stdc++.h>")
PROGRAMS = [
    *(HEAVY.replace("2 * n", f"{k} * n - {k - 2} * n + rand() * 0") for k in (3, 4)),
    *(DOUBLE.replace("printf", f"for (volatile int i = 0; i < {k} * 100000;) i = i + 1; printf") for k in range(1, 6)),
    DOUBLE.replace("int main", "/* the same program */ int main"),
    DOUBLE,
    DOUBLE.replace("2 * n", "n == 3 ? 0 : 2 * n"),
    DOUBLE.replace("printf", "if (n == 4) __builtin_trap(); printf"),
    DOUBLE.replace("int n;", ""),
]


@ENGINES.register("journal")
class Journal(cachegrind.Cachegrind):
    """Cachegrind that notes what it does."""

    def run(self, program, inputs, limits):
        for data in inputs:
            keys = [hashlib.sha256(content).hexdigest() for content in (program.read_bytes(), data)]
            again = "again" if is_stored(self.fingerprint(), *keys) else "first"
            with Path(os.environ["PIE_TEST_JOURNAL"]).open("a") as journal:
                journal.write(" ".join([again, *keys]) + "\n")
            yield from super().run(program, [data], limits)


def is_stored(fingerprint, binary_sha256, input_sha256):
    connection = sqlite3.connect(f"file:{os.environ['PIE_TEST_STORE']}?mode=ro", uri=True, timeout=60)
    rows = connection.execute(
        "SELECT description FROM runs JOIN keys ON id = engine WHERE binary_sha256 = ? AND input = ?",
        (bytes.fromhex(binary_sha256), bytes.fromhex(input_sha256)),
    ).fetchall()
    connection.close()
    return dict(fingerprint) in [json.loads(row[0]) for row in rows]


EXECUTORS.register("journal")(SameMachine(partial(local, preload=["tests.sandbox.scheduler.faults_driver"])))
"""The executor ``local`` with this module in its workers."""


def main(executor, store, cache, table):
    config = SandboxConfig(
        engine="journal", toolchain="host", limits=Limits(cpu_seconds=2), store=Path(store), cache=Path(cache)
    )
    with Scheduler(config, 2, executor) as scheduler:
        futures = [scheduler.submit(Submission(source, TESTS, config.limits)) for source in PROGRAMS]
        verdicts = [{name: asdict(verdict) for name, verdict in future.result().items()} for future in futures]
    Path(table).write_text(json.dumps(verdicts, indent=1))


if __name__ == "__main__":
    sys.modules["tests.sandbox.scheduler.faults_driver"] = sys.modules["__main__"]
    main(*sys.argv[1:])
