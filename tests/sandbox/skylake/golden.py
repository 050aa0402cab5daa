"""Cycles of ``pie_mini``'s programs that are the same on every machine, kept in ``golden.json``.

They hold for one model, and for programs and libraries of the root ``paper``, by their hashes. A change that means to alter
the model's times makes them anew: ``python -m tests.sandbox.skylake.golden``.
"""

from __future__ import annotations

import json
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from pie_tasks.dataset import load_split
from sandbox.engines import EngineContext
from sandbox.engines.skylake import Skylake
from sandbox.isolation import make_isolation
from sandbox.toolchain import compile_source, fingerprint, get_root
from sandbox.types import TICKS_PER_CYCLE, Limits, SandboxError, sha256

FILE = Path(__file__).with_suffix(".json")
TESTS = 2
"""Of each program."""


def measure(workers: int) -> dict[str, list[int]]:
    """Cycles of each program's first tests, by the hashes of libraries and program.

    Raises:
        SandboxError: The root ``paper`` or what the engine needs is missing, or a program has no time.
    """
    root, isolation, limits = get_root("paper"), make_isolation("bubblewrap"), Limits()
    engine = Skylake(EngineContext(root, isolation, {"audit": "0"}))
    engine.check()
    split, libraries = load_split("pie_mini"), fingerprint(root)
    sources = {code: row.problem_id for row in split.rows for code in (row.src_code, row.tgt_code)}

    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)

        def cycles(number: int, source: str) -> tuple[str, list[int]]:
            program = Path(folder) / str(number)
            result = compile_source(source, root, isolation, limits, program)
            if not result.ok:
                raise SandboxError(result.message)
            inputs = [test.input for test in split.folder.load(sources[source])[:TESTS]]
            key = sha256(f"{libraries} {sha256(program.read_bytes())}".encode())
            ticks = [run.ticks for run in engine.run(program, inputs, limits)]
            return key, [one // TICKS_PER_CYCLE for one in ticks if one is not None]

        with ThreadPoolExecutor(workers) as pool:
            return dict(pool.map(cycles, range(len(sources)), sources))


if __name__ == "__main__":
    FILE.write_text(json.dumps(measure(2), indent=0, sort_keys=True) + "\n")
