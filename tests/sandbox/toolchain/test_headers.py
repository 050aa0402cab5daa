"""The precompiled header: faster, and never another binary."""

from __future__ import annotations

import json
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.isolation import make_isolation
from sandbox.toolchain import compile_source, get_root, headers
from sandbox.toolchain.compile import _Compiler
from sandbox.types import Limits, SandboxError

DATA = Path(__file__).parents[4] / "shared" / "data"
BODY = """
using namespace std;
signed main() { int x, n = 0; map<int, string> all; while (cin >> x) all[x] = to_string(n++); assert(n >= 0);
for (auto& [k, v] : all) cout << k << v << __LINE__ << __FILE__ << endl; }
"""
BEFORE = {
    "nothing": "",
    "comment": "// a comment\n",
    "optimize": '#pragma GCC optimize("Ofast,unroll-loops")\n',
    "slow": '#pragma GCC optimize("O0")\n',
    "target": '#pragma GCC target("avx2")\n',
    "empty_macro": "#define register\n",
    "debug": "#define _GLIBCXX_DEBUG\n",
    "no_assert": "#define NDEBUG\n",
    "code": "int early;\n",
    "other_header": "#include <vector>\n",
}


@pytest.fixture
def compiler(monkeypatch: pytest.MonkeyPatch) -> Iterator[_Compiler]:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        monkeypatch.setenv("PIE_CACHE_DIR", folder)
        yield _Compiler(get_root("host"), make_isolation("bubblewrap"), Limits())


def made(compiler: _Compiler) -> Path:
    folder = headers.precompiled(compiler.root, "bubblewrap", compiler.precompile, compiler.program)
    assert folder is not None
    return folder


def test_what_comes_before_the_header_never_matters(compiler: _Compiler) -> None:
    folder = made(compiler)
    for name, before in BEFORE.items():
        source = f"{before}#include <bits/stdc++.h>\n{BODY}"
        plain = compiler.program(source, None)
        assert plain is not None and compiler.program(source, folder) == plain, name


def test_a_program_that_includes_the_header_twice_compiles(compiler: _Compiler, tmp_path: Path) -> None:
    source = f"#include <bits/stdc++.h>\n\n#include <bits/stdc++.h>\n{BODY}"
    result = compile_source(source, compiler.root, compiler.isolation, Limits(), tmp_path / "twice")
    assert result.ok, result.message
    assert (tmp_path / "twice").read_bytes() == compiler.program(source, None)


def test_a_message_never_names_the_precompiled_header(compiler: _Compiler, tmp_path: Path) -> None:
    source = "#include <bits/stdc++.h>\n\n#include <bits/stdc++.h>\nint main() { return missing; }\n"
    result = compile_source(source, compiler.root, compiler.isolation, Limits(), tmp_path / "wrong")
    assert not result.ok and "missing" in result.message and "/headers" not in result.message


@pytest.mark.skipif(not DATA.is_dir(), reason=f"no real programs: {DATA} is absent")
def test_real_programs_keep_their_bytes(compiler: _Compiler) -> None:
    rows = [json.loads(line) for line in (DATA / "pie_val_rows.jsonl").read_text().splitlines()]
    programs = sorted({row[column] for row in rows for column in ("src_code", "tgt_code")})
    chosen = random.Random(5).sample([code for code in programs if headers.uses_header(code)], 12)
    folder = made(compiler)
    for source in chosen:
        assert compiler.program(source, folder) == compiler.program(source, None)


def test_a_compiler_that_would_change_programs_gets_no_header(compiler: _Compiler) -> None:
    def changed(source: str, folder: Path | None) -> bytes | None:
        return b"with" if folder else b"without"

    assert headers.precompiled(compiler.root, "bubblewrap", compiler.precompile, changed) is None
    assert headers.precompiled(compiler.root, "bubblewrap", compiler.precompile, compiler.program) is None, "forgotten"


def test_an_audited_program_that_changes_is_a_fault(
    compiler: _Compiler, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = f"#include <bits/stdc++.h>\n{BODY}"
    monkeypatch.setattr("sandbox.toolchain.compile.is_audited", lambda _: True)
    assert compile_source(source, compiler.root, compiler.isolation, Limits(), tmp_path / "same").ok
    monkeypatch.setattr(_Compiler, "program", lambda *_: b"other")
    with pytest.raises(SandboxError, match="precompiled header"):
        compile_source(source, compiler.root, compiler.isolation, Limits(), tmp_path / "other")


def test_one_program_in_a_hundred_is_audited() -> None:
    share = sum(headers.is_audited(f"int main() {{ return {number}; }}") for number in range(20_000)) / 20_000
    assert 0.007 < share < 0.013
