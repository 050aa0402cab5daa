"""``bits/stdc++.h`` compiled ahead: most of a PIE program's compilation is reading it, and the binary stays the same.

GCC itself takes the precompiled header only where it would change nothing: as a program's first include, with no macro,
pragma or code before it that the header could depend on. Before a root's compiler is trusted with that, a probe must come
out as the same bytes both ways; and one program in a hundred is compiled both ways for good.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import re
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from sandbox.paths import default_cache, make_enterable, visible_cache
from sandbox.toolchain.base import ToolchainRoot, fingerprint

HEADER = "bits/stdc++.h"
AUDIT_SHARE = 0.01
"""Share of the programs that are compiled both ways."""

PROBE = f"""#include <{HEADER}>
using namespace std;
static map<string, vector<int>> seen;
int main() {{
  int x;
  while (cin >> x) seen[to_string(x % 7)].push_back(x);
  for (auto& [name, all] : seen) {{
    sort(all.begin(), all.end());
    cout << name << ' ' << accumulate(all.begin(), all.end(), 0LL) << ' ' << __LINE__ << endl;
  }}
  assert(seen.size() < 8);
}}
"""
_INCLUDED = re.compile(rf'^[ \t]*#[ \t]*include[ \t]*[<"]{re.escape(HEADER)}[>"]', re.MULTILINE)

Precompile = Callable[[str, Path], bool]
"""Makes of a header's text a precompiled header in a file; false where the compiler fails."""
Compile = Callable[[str, Path | None], bytes | None]
"""Makes of a program, and a folder with a precompiled header or none, a binary; ``None`` where the compiler fails."""


def uses_header(source: str) -> bool:
    """Whether a precompiled header could matter to a program."""
    return _INCLUDED.search(source) is not None


def is_audited(source: str) -> bool:
    """Whether a program is one of those that are compiled both ways. It depends on the program alone."""
    digest = hashlib.sha256(source.encode(errors="surrogatepass")).digest()
    return int.from_bytes(digest[:4], "big") < AUDIT_SHARE * 2**32


def precompiled(root: ToolchainRoot, isolation: str, precompile: Precompile, compile_program: Compile) -> Path | None:
    """The folder to include from, made at first use; ``None`` where this root's compiler can't or mustn't have one.

    Args:
        root: Whose header.
        isolation: Name of what contains the compiler.
        precompile: Compiles a header in the root.
        compile_program: Compiles a program in the root.
    """
    key = hashlib.sha256(f"{fingerprint(root)} {isolation}".encode()).hexdigest()[:32]
    folder = visible_cache(default_cache()) / "headers" / key
    if not folder.is_dir():
        make_enterable(folder.parent)
        with _locked(folder.with_suffix(".lock")):
            if not folder.is_dir():
                _make(folder, precompile, compile_program)
    return folder if (folder / f"{HEADER}.gch").is_file() else None


def _make(folder: Path, precompile: Precompile, compile_program: Compile) -> None:
    """Make ``folder`` with the header, or empty where the probe says that there must be none."""
    with tempfile.TemporaryDirectory(prefix=".header-", dir=folder.parent) as temporary:
        made = Path(temporary) / "made"
        Path(temporary).chmod(0o755)
        header = made / f"{HEADER}.gch"
        make_enterable(header.parent)
        good = precompile(f"#include <{HEADER}>\n", header)
        plain = compile_program(PROBE, None) if good else None
        if plain is None or compile_program(PROBE, made) != plain:
            header.unlink(missing_ok=True)
        made.replace(folder)


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
