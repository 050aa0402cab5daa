"""Three pairs of two problems, and eight answers to each: enough to exercise every front door in seconds."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

from pie_tasks.options import Options

Run = Callable[..., "subprocess.CompletedProcess[str]"]
"""The ``run`` fixture: command, arguments, ``cwd``, ``env``, ``hidden`` (bubblewrap's arguments that hide parts)."""

CHOSEN = Options.resolve({})
LABEL = f"pie_test/{CHOSEN.engine}@{CHOSEN.toolchain}"
"""Split and clock, as they stand beside every figure: a user's who chooses none."""

PAIRS = 3
SAMPLES = 8

SLOW = """#include <cstdio>
int main() {
  long n, total = 0;
  if (scanf("%ld", &n) != 1) return 1;
  for (volatile long i = 1; i <= n; i++) total += i;
  printf("%ld\\n", total * @);
}
"""
FAST = SLOW.replace("for (volatile long i = 1; i <= n; i++) total += i;", "total = n * (n + 1) / 2;")
HALF = SLOW.replace(
    "for (volatile long i = 1; i <= n; i++) total += i;", "for (volatile long i = 0; i < n / 2; i++) total += n + 1;"
)


def answers(factor: int) -> list[str]:
    """Eight different answers about one pair, the fast one only among the later ones."""
    programs = {
        "half": HALF,
        "same": SLOW,
        "wrong": SLOW.replace("total *", "1 + total *"),
        "broken": SLOW.replace("printf", "prntf"),
        "fast": FAST,
        "exits with 1": FAST.replace("}", "return 1; }"),
        "fast again": FAST.replace("total = ", "total = 0 + "),
    }
    texts = [f"Here it is ({name}):\n```cpp\n{code.replace('@', str(factor))}```" for name, code in programs.items()]
    return [*texts, "I can't make this faster."]
