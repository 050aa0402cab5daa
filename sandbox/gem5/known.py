"""Small programs with known times: do this gem5 and this toolchain root make PIE's clock?

The times are those of our script in the root ``paper``, by gem5's version. PIE's clock is v20.1.0.5.
"""

from __future__ import annotations

import json
import math
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from sandbox.engines.base import Engine, EngineContext
from sandbox.scratch import scratch_folder
from sandbox.toolchain import compile_source
from sandbox.types import Limits, SandboxError

PROGRAMS: Mapping[str, tuple[str, bytes]] = {
    "start-up with stdio": ('#include <cstdio>\nint main() { puts("1"); }\n', b""),
    "start-up with iostream": ("#include <iostream>\nint main() { std::cout << 1 << std::endl; }\n", b""),
    "reading with cin": (
        "#include <iostream>\n"
        "int main() { long n, x, s = 0; std::cin >> n; while (n--) { std::cin >> x; s += x; } std::cout << s << '\\n'; }\n",
        b"200\n" + b" ".join(b"%d" % (n * 7919 % 1000) for n in range(200)) + b"\n",
    ),
    "arithmetic": (
        "#include <cstdio>\n"
        'int main() { unsigned long n, s = 1; scanf("%lu", &n); for (unsigned long i = 1; i <= n; i++) '
        's = (s * 48271 + i) % 2147483647; printf("%lu\\n", s); }\n',
        b"20000\n",
    ),
}
"""Name -> (source, input)."""

PIE_VERSION = "20.1.0.5"
"""The gem5 that PIE's clock is."""


@dataclass(frozen=True)
class Comparison:
    """One program's time here and on PIE's clock, in ticks.

    Attributes:
        name: The program's.
        ticks: Its time here.
        known: Its time on PIE's clock.
        expected: Its time in the root ``paper`` by a gem5 of this version, ``None`` where that isn't known.
    """

    name: str
    ticks: int
    known: int
    expected: int | None

    @property
    def difference(self) -> float:
        """log(here / PIE's clock)."""
        return math.log(self.ticks / self.known)


def known_ticks() -> Mapping[str, Mapping[str, int]]:
    """gem5's version -> program name -> ticks in the root ``paper``."""
    times: dict[str, dict[str, int]] = json.loads(resources.files("sandbox.gem5").joinpath("known.json").read_text())
    return times


def compare(engine: Engine, context: EngineContext) -> Iterator[Comparison]:
    """Time every program.

    Raises:
        SandboxError: One can't be compiled or run.
    """
    known = known_ticks()
    expected = known.get(engine.fingerprint()["gem5"], {})
    with tempfile.TemporaryDirectory(prefix="known-", dir=scratch_folder()) as folder:
        for name, (source, data) in PROGRAMS.items():
            binary = Path(folder) / "prog"
            result = compile_source(source, context.root, context.isolation, Limits(), binary)
            if not result.ok:
                raise SandboxError(f"{context.root.compiler} can't compile {name}: {result.message}")
            (run,) = engine.run(binary, [data], Limits())
            if run.ticks is None:
                raise SandboxError(f"gem5 can't run {name}: {run.ending.value} {run.message}")
            yield Comparison(name, run.ticks, known[PIE_VERSION][name], expected.get(name))
