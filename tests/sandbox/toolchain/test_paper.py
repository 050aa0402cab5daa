"""The installed root ``paper``: the compiler and libraries of PIE's clock, and the very binaries of its golden runs."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sandbox.engines import EngineContext, make_engine
from sandbox.engines.native import Native
from sandbox.isolation import make_isolation
from sandbox.isolation.base import Command, Isolation, ProcessLimits
from sandbox.toolchain import ToolchainRoot, compile_source, get_root
from sandbox.types import Ending, Limits, SandboxError, sha256

GOLDEN = Path(__file__).resolve().parents[4] / "shared" / "data" / "gem5_golden"
VERSIONS = """
#include <gnu/libc-version.h>
#include <cstdio>
int main() {
    int n;
    std::scanf("%d", &n);
    std::printf("%s %s %ld %d\\n", __VERSION__, gnu_get_libc_version(), __cplusplus, n);
}
"""


@pytest.fixture(scope="module")
def root() -> ToolchainRoot:
    try:
        return get_root("paper")
    except SandboxError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def isolation() -> Isolation:
    made = make_isolation("bubblewrap")
    try:
        made.check()
    except SandboxError as error:
        pytest.skip(str(error))
    return made


def test_it_compiles_and_runs_with_its_own_compiler_and_libraries(
    root: ToolchainRoot, isolation: Isolation, tmp_path: Path
) -> None:
    result = compile_source(VERSIONS, root, isolation, Limits(), tmp_path / "prog")
    assert result.ok, result.message
    (run,) = Native(EngineContext(root, isolation, {})).run(tmp_path / "prog", [b"7"], Limits())
    assert (run.ending, run.stdout) == (Ending.EXITED, b"9.3.0 2.31 201703 7\n")


@pytest.mark.parametrize("name", ["cachegrind", "skylake"])
def test_engines_time_programs_in_it(name: str, root: ToolchainRoot, isolation: Isolation, tmp_path: Path) -> None:
    engine = make_engine(name, EngineContext(root, isolation, {}))
    try:
        engine.check()
    except SandboxError as error:
        pytest.skip(str(error))
    assert compile_source(VERSIONS, root, isolation, Limits(), tmp_path / "prog").ok
    (run,) = engine.run(tmp_path / "prog", [b"7"], Limits())
    assert (run.ending, run.stdout) == (Ending.EXITED, b"9.3.0 2.31 201703 7\n")
    assert run.ticks is not None and run.ticks > 0


def test_nothing_of_the_host_gets_into_a_binary(
    root: ToolchainRoot, isolation: Isolation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = "#include <cstdio>\nint main() { std::puts(__FILE__ __DATE__ __TIME__); }\n"
    binaries = []
    for name, language in (("one", "C"), ("another-with-a-long-name", "C.UTF-8")):
        folder = tmp_path / name
        folder.mkdir()
        monkeypatch.chdir(folder)
        monkeypatch.setenv("LANG", language)
        monkeypatch.setenv("CPLUS_INCLUDE_PATH", str(folder))
        assert compile_source(source, root, isolation, Limits(), folder / "prog").ok
        binaries.append((folder / "prog").read_bytes())
    assert binaries[0] == binaries[1]


def golden_programs() -> Iterator[tuple[str, str]]:
    """Sources and binary hashes of the golden runs."""
    if not GOLDEN.is_dir():
        return
    for line in (GOLDEN / "v20.1-paper" / "micro.jsonl").read_text().splitlines():
        row = json.loads(line)
        yield (GOLDEN / "micro" / f"{row['program']}.cpp").read_text(), row["binary_sha256"]
    sources = {}
    for line in (GOLDEN.parent / "pie_val_rows.jsonl").read_text().splitlines():
        row = json.loads(line)
        sources[row["src_id"]], sources[row["tgt_id"]] = row["src_code"], row["tgt_code"]
    for line in (GOLDEN / "v20.1-paper" / "pie.jsonl").read_text().splitlines():
        row = json.loads(line)
        yield sources[row["program_id"]], row["binary_sha256"]


def compile_as(name: str, source: str, root: ToolchainRoot, isolation: Isolation) -> bytes:
    """The binary of ``source`` when its file is called ``name``."""
    with tempfile.TemporaryDirectory(prefix="pie-test-") as temporary:
        folder = Path(temporary)
        folder.chmod(0o755)
        (folder / "source").write_text(source, encoding="utf-8")
        (folder / "source").chmod(0o444)
        (folder / "out").mkdir()
        result = isolation.run(
            Command(
                argv=(root.compiler, *root.flags, name, "-o", "/out/prog"),
                root=root,
                limits=ProcessLimits(
                    cpu_seconds=120, wall_seconds=1200, memory_bytes=None, output_bytes=4000, processes=16
                ),
                readonly={f"/work/{name}": folder / "source"},
                writable={"/out": folder / "out"},
                env={"PATH": "/usr/bin", "TMPDIR": "/tmp"},
            )
        )
        assert result.exit_code == 0, result.stderr
        return (folder / "out" / "prog").read_bytes()


def test_binaries_are_those_of_the_golden_runs_byte_for_byte(root: ToolchainRoot, isolation: Isolation) -> None:
    """The golden set's sources were named by their hash, and a source's name is part of a binary's symbol table."""
    programs = dict(golden_programs())
    if not programs:
        pytest.skip(f"no golden runs in {GOLDEN}")

    def compiled(source: str) -> str:
        return sha256(compile_as(f"{sha256(source.encode())[:16]}.cpp", source, root, isolation))

    sample = sorted(programs)[::10]
    with ThreadPoolExecutor(2) as pool:
        made = dict(zip(sample, pool.map(compiled, sample), strict=True))
    assert made == {source: programs[source] for source in sample}
