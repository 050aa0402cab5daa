"""The model's processor parameters, made from :mod:`sandbox.gem5.verbatim`: model and simulator share one table.

``python -m sandbox.skylake.parameters`` writes ``model/verbatim.h``; a test holds the committed file against it.
"""

from __future__ import annotations

from pathlib import Path

from sandbox.gem5 import verbatim

HEADER = Path(__file__).parent / "model" / "verbatim.h"

OPERATIONS = (
    ("kNone", None),
    ("kIntAlu", "IntAlu"),
    ("kIntMult", "IntMult"),
    ("kIntDiv", "IntDiv"),
    ("kFloatAdd", "FloatAdd"),
    ("kFloatCmp", "FloatCmp"),
    ("kFloatCvt", "FloatCvt"),
    ("kFloatMult", "FloatMult"),
    ("kFloatDiv", "FloatDiv"),
    ("kFloatSqrt", "FloatSqrt"),
    ("kSimdAdd", "SimdAdd"),
    ("kSimdAlu", "SimdAlu"),
    ("kSimdCmp", "SimdCmp"),
    ("kSimdCvt", "SimdCvt"),
    ("kSimdMisc", "SimdMisc"),
    ("kSimdMult", "SimdMult"),
    ("kSimdShift", "SimdShift"),
    ("kSimdFloatAdd", "SimdFloatAdd"),
    ("kSimdFloatCmp", "SimdFloatCmp"),
    ("kSimdFloatCvt", "SimdFloatCvt"),
    ("kSimdFloatMult", "SimdFloatMult"),
    ("kSimdFloatDiv", "SimdFloatDiv"),
    ("kSimdFloatSqrt", "SimdFloatSqrt"),
    ("kSimdFloatAlu", "SimdFloatAlu"),
    ("kLoad", "MemRead"),
    ("kStore", "MemWrite"),
)
"""The model's operation classes (``uop.h``) in order, and gem5's names of them."""

_CPU = (
    ("kFetchWidth", "fetchWidth"),
    ("kFetchBytes", "fetchBufferSize"),
    ("kFetchQueue", "fetchQueueSize"),
    ("kFetchToDecode", "fetchToDecodeDelay"),
    ("kDecodeToRename", "decodeToRenameDelay"),
    ("kRenameToDispatch", "renameToIEWDelay"),
    ("kExecuteToCommit", "iewToCommitDelay"),
    ("kDecodeWidth", "decodeWidth"),
    ("kRenameWidth", "renameWidth"),
    ("kCommitWidth", "commitWidth"),
    ("kSquashWidth", "squashWidth"),
    ("kReorderBuffer", "numROBEntries"),
    ("kIssueQueue", "numIQEntries"),
    ("kLoadQueue", "LQEntries"),
    ("kStoreQueue", "SQEntries"),
    ("kPhysicalIntegers", "numPhysIntRegs"),
    ("kPhysicalFloats", "numPhysFloatRegs"),
)
_CACHES = (("kL1", verbatim.DCACHE), ("kL2", verbatim.L2_CACHE), ("kL3", verbatim.L3_CACHE))
_UNITS = {"kB": 1 << 10, "MB": 1 << 20}


def render() -> str:
    """The text of ``verbatim.h``."""
    lines = [
        "// Made by sandbox/skylake/parameters.py from sandbox/gem5/verbatim.py: edit that and run this again.",
        "#pragma once",
        "",
        "#include <cstdint>",
        "",
        "namespace skylake {",
        "namespace parameter {",
        "",
        *(f"constexpr int {own} = {verbatim.CPU[theirs]};" for own, theirs in _CPU),
        f"constexpr int kTargetBuffer = {verbatim.BTB_ENTRIES}, kTargetTagBits = {verbatim.BTB_TAG_BITS};",
        f"constexpr int kReturnStack = {verbatim.RAS_ENTRIES};",
        f"constexpr int kTageTables = {verbatim.TAGE['nHistoryTables']};",
        f"constexpr int kTageSizes[] = {_braces(verbatim.TAGE['logTagTableSizes'])};",
        f"constexpr int kTageTags[] = {_braces(verbatim.TAGE['tagTableTagWidths'])};",
        f"constexpr int kTageLengths[] = {_braces(_history_lengths())};",
        "",
        "// Caches: bytes, ways, latencies of lookup and of a response to the level above.",
        "struct CacheShape {",
        "  uint32_t bytes, ways, lookup, response;",
        "};",
        *(f"constexpr CacheShape {name} = {_cache(shape)};" for name, shape in _CACHES),
        "",
        "// Latency and ports (bit n: port n) of each class of operation.",
        "struct Unit {",
        "  uint8_t latency, ports;",
        "};",
        "constexpr Unit kUnits[] = {",
        *(f"    {_unit(theirs)},  // {own[1:]}" for own, theirs in OPERATIONS),
        "};",
        "",
        "}  // namespace parameter",
        "}  // namespace skylake",
    ]
    return "\n".join(lines) + "\n"


def _braces(values: object) -> str:
    assert isinstance(values, list)
    return "{" + ", ".join(map(str, values)) + "}"


def _history_lengths() -> list[int]:
    tables, first, last = (verbatim.TAGE[key] for key in ("nHistoryTables", "minHist", "maxHist"))
    assert isinstance(tables, int) and isinstance(first, int) and isinstance(last, int)
    return [0] + [int(first * (last / first) ** (i / (tables - 1)) + 0.5) for i in range(tables)]


def _cache(shape: dict[str, object]) -> str:
    size = str(shape["size"])
    amount = int(size[:-2]) * _UNITS[size[-2:]]
    return f"{{{amount}, {shape['assoc']}, {shape['tag_latency']}, {shape['response_latency']}}}"


def _unit(name: str | None) -> str:
    if name is None:
        return "{1, 0}"
    ports = [number for number, port in enumerate(verbatim.PORTS) if name in port]
    return f"{{{verbatim.PORTS[ports[0]][name]}, {sum(1 << number for number in ports)}}}"


if __name__ == "__main__":
    HEADER.write_text(render())
