"""PIE's processor: the parameters of the "Verbatim" Skylake configuration that *took effect*, as plain data.

Source of the values: github.com/darchr/gem5-skylake-config, ``gem5-configs/system``, files ``core.py``, ``caches.py``
and ``se.py`` (class ``VerbatimCPU``), held against gem5 v20.1's own record of a run, ``config.ini``. Names are gem5's
own names of parameters. Whatever is missing here has gem5 v20.1's default.

Two things are not as the published script means them, and PIE's clock has them:

* It means to give the L1 caches a latency of 4/4/1 cycles. With the published module search path its module ``core`` is
  imported twice, the test that guards the assignment compares two different classes, and the latency stays 1/1/1.
* Its prefetchers (PIF) are never connected to a processor's probe, so they never prefetch.

This file imports nothing: gem5's own Python reads it too.
"""

CLOCK = "3.5GHz"
VOLTAGE = "1.0V"

CPU = {
    "fetchWidth": 4,
    "decodeWidth": 4,
    "renameWidth": 8,
    "dispatchWidth": 8,
    "issueWidth": 8,
    "wbWidth": 8,
    "commitWidth": 8,
    "squashWidth": 8,
    "fetchToDecodeDelay": 3,
    "decodeToRenameDelay": 1,
    "renameToIEWDelay": 9,
    "iewToCommitDelay": 6,
    "forwardComSize": 19,
    "backComSize": 19,
    "fetchBufferSize": 16,
    "fetchQueueSize": 50,
    "numROBEntries": 224,
    "numIQEntries": 97,
    "LQEntries": 72,
    "SQEntries": 56,
    "numPhysIntRegs": 180,
    "numPhysFloatRegs": 168,
}
"""Widths in instructions, delays in cycles, sizes in entries (``fetchBufferSize`` in bytes)."""

_SIMD_INTEGER = {
    "SimdAdd": 1,
    "SimdAddAcc": 1,
    "SimdAlu": 1,
    "SimdCmp": 1,
    "SimdShift": 1,
    "SimdShiftAcc": 1,
}
_SIMD_REDUCE = {"SimdReduceAdd": 1, "SimdReduceAlu": 1, "SimdReduceCmp": 1}
_SIMD_FLOAT = {
    "SimdFloatAdd": 4,
    "SimdFloatAlu": 4,
    "SimdFloatCmp": 4,
    "SimdFloatReduceAdd": 4,
    "SimdFloatReduceCmp": 4,
}
_FLOAT = {"FloatAdd": 4, "FloatCmp": 4, "FloatCvt": 4, "FloatMult": 4, "FloatMultAcc": 5}
_SIMD_WIDE = {
    **_SIMD_INTEGER,
    **_SIMD_REDUCE,
    "SimdCvt": 3,
    "SimdMisc": 1,
    "SimdMult": 4,
    "SimdMultAcc": 4,
    **_SIMD_FLOAT,
    "SimdFloatCvt": 4,
    "SimdFloatMult": 4,
    "SimdFloatMultAcc": 4,
}

PORTS = (
    {
        "IntAlu": 1,
        "IntDiv": 1,
        "FloatDiv": 12,
        "FloatSqrt": 24,
        **_FLOAT,
        **_SIMD_WIDE,
        "SimdFloatDiv": 12,
        "SimdFloatSqrt": 20,
    },
    {"IntAlu": 1, "IntMult": 3, **_FLOAT, **_SIMD_WIDE},
    {"MemRead": 1, "FloatMemRead": 1},
    {"MemRead": 1, "FloatMemRead": 1},
    {"MemWrite": 1, "FloatMemWrite": 1},
    {
        "IntAlu": 1,
        **{name: latency for name, latency in _SIMD_INTEGER.items() if name != "SimdShiftAcc"},
        "SimdMisc": 1,
        "SimdShiftAcc": 1,
        **_SIMD_REDUCE,
        **_SIMD_FLOAT,
    },
    {"IntAlu": 1, **_SIMD_INTEGER},
    {"MemWrite": 1, "FloatMemWrite": 1},
)
"""The eight issue ports: operation class -> latency in cycles. Every operation is pipelined, division too."""

BTB_ENTRIES = 512
BTB_TAG_BITS = 19
RAS_ENTRIES = 32

TAGE = {
    "nHistoryTables": 12,
    "minHist": 4,
    "maxHist": 34,
    "tagTableTagWidths": [0, 7, 7, 8, 8, 9, 10, 11, 12, 12, 13, 14, 15],
    "logTagTableSizes": [14, 10, 10, 11, 11, 11, 11, 10, 10, 10, 10, 9, 9],
    "logUResetPeriod": 19,
}

INDIRECT = {
    "indirectSets": 128,
    "indirectWays": 4,
    "indirectTagSize": 16,
    "indirectPathLength": 7,
    "indirectGHRBits": 16,
}

_L1 = {
    "size": "32kB",
    "assoc": 16,
    "tag_latency": 1,
    "data_latency": 1,
    "response_latency": 1,
    "mshrs": 128,
    "tgts_per_mshr": 16,
    "demand_mshr_reserve": 96,
}

ICACHE = {**_L1, "write_buffers": 56}
DCACHE = {**_L1, "write_buffers": 128}
WRITE_ALLOCATOR = {"coalesce_limit": 2, "no_allocate_limit": 8, "delay_threshold": 8}
"""Of the data cache: no allocation on long runs of whole-line writes."""

MMU_CACHE = {
    "size": "8kB",
    "assoc": 8,
    "tag_latency": 1,
    "data_latency": 1,
    "response_latency": 1,
    "mshrs": 32,
    "tgts_per_mshr": 8,
}
L2_CACHE = {
    "size": "1MB",
    "assoc": 16,
    "tag_latency": 14,
    "data_latency": 14,
    "response_latency": 1,
    "mshrs": 256,
    "tgts_per_mshr": 16,
    "write_buffers": 256,
}
L3_CACHE = {
    "size": "2MB",
    "assoc": 16,
    "tag_latency": 44,
    "data_latency": 44,
    "response_latency": 1,
    "mshrs": 256,
    "tgts_per_mshr": 16,
    "write_buffers": 256,
    "clusivity": "mostly_excl",
}
"""Sizes in bytes with a unit, latencies in cycles. Every cache has TreePLRU replacement and a PIF prefetcher."""

BUS_WIDTH = 192
"""Width of the buses between cores, caches and memory, in bytes."""

L3_SNOOP_FILTER = "32MB"

LOW_MEMORY = "100MB"
"""First memory range. Programs get their pages from here alone: one that needs more ends, or hangs, the simulator."""

IO_RANGE = (0xC0000000, 0x100000)
MAIN_MEMORY = ("4GB", "32GB")
"""Start and size of the range that the main memory controller serves (DDR4-2400, 16x4)."""
