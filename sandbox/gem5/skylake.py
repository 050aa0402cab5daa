"""PIE's Skylake in gem5: builds the simulated machine of :mod:`sandbox.gem5.verbatim` in gem5 v20.1 or v24.

Runs inside gem5's own Python only. Order matters here: gem5 gives ports numbers in the order in which they are
connected, and ``config.ini`` of the published script is the reference for all of it.
"""

from __future__ import annotations

from typing import Any

import m5
from m5 import objects as sim

from sandbox.gem5 import verbatim

MODERN = hasattr(sim, "SEWorkload")
"""Whether this gem5 has the object names of v21 and later."""


def _cache(parameters: dict[str, Any]) -> Any:
    cache = sim.Cache(**parameters)
    cache.prefetcher = sim.PIFPrefetcher()
    cache.replacement_policy = sim.TreePLRURP()
    (cache.prefetcher if MODERN else cache).prefetch_on_access = True
    return cache


def _branch_predictor() -> Any:
    predictor = sim.LTAGE(
        indirectBranchPred=sim.SimpleIndirectPredictor(**verbatim.INDIRECT), tage=sim.LTAGE_TAGE(**verbatim.TAGE)
    )
    if MODERN:
        predictor.btb = sim.SimpleBTB(numEntries=verbatim.BTB_ENTRIES, tagBits=verbatim.BTB_TAG_BITS)
        predictor.ras = sim.ReturnAddrStack(numEntries=verbatim.RAS_ENTRIES)
    else:
        predictor.BTBEntries = verbatim.BTB_ENTRIES
        predictor.BTBTagSize = verbatim.BTB_TAG_BITS
        predictor.RASSize = verbatim.RAS_ENTRIES
    return predictor


def _cpu() -> Any:
    cpu = (sim.X86O3CPU if MODERN else sim.DerivO3CPU)(**verbatim.CPU)
    cpu.branchPred = _branch_predictor()
    cpu.fuPool = sim.FUPool(
        FUList=[
            sim.FUDesc(
                opList=[sim.OpDesc(opClass=name, opLat=latency, pipelined=True) for name, latency in port.items()],
                count=1,
            )
            for port in verbatim.PORTS
        ]
    )
    return cpu


def build(program: str, folder: str) -> Any:
    """Build the machine with one program as its load. Nothing is instantiated yet.

    Args:
        program: The program's path, which is also its ``argv[0]``; simulated time depends on the text.
        folder: What the program is told when it asks for its working directory.

    Returns:
        gem5's ``Root``, whose ``system.cpu`` runs the program.
    """
    system = sim.System()
    system.clk_domain = sim.SrcClockDomain(
        clock=verbatim.CLOCK, voltage_domain=sim.VoltageDomain(voltage=verbatim.VOLTAGE)
    )
    system.mem_mode = "timing"
    system.mmap_using_noreserve = True
    low = m5.objects.AddrRange(verbatim.LOW_MEMORY)
    start, size = verbatim.IO_RANGE
    main = m5.objects.AddrRange(m5.objects.Addr(verbatim.MAIN_MEMORY[0]), size=verbatim.MAIN_MEMORY[1])
    system.mem_ranges = [low, m5.objects.AddrRange(start, size=size), main]

    system.cpu = cpu = _cpu()
    system.membus = sim.SystemXBar(width=verbatim.BUS_WIDTH, badaddr_responder=sim.BadAddr())
    system.membus.default = system.membus.badaddr_responder.pio
    system.system_port = system.membus.cpu_side_ports

    cpu.icache = _cache(verbatim.ICACHE)
    cpu.dcache = _cache(verbatim.DCACHE)
    cpu.dcache.write_allocator = sim.WriteAllocator(**verbatim.WRITE_ALLOCATOR)
    cpu.mmucache = _cache(verbatim.MMU_CACHE)
    cpu.icache.cpu_side = cpu.icache_port
    cpu.dcache.cpu_side = cpu.dcache_port
    cpu.mmucache.mmubus = sim.L2XBar()
    cpu.mmucache.cpu_side = cpu.mmucache.mmubus.mem_side_ports
    for tlb in (cpu.mmu.itb, cpu.mmu.dtb) if MODERN else (cpu.itb, cpu.dtb):
        cpu.mmucache.mmubus.cpu_side_ports = tlb.walker.port

    system.l2bus = sim.L2XBar(width=verbatim.BUS_WIDTH)
    for cache in (cpu.icache, cpu.dcache, cpu.mmucache):
        cache.mem_side = system.l2bus.cpu_side_ports
    system.l2cache = _cache(verbatim.L2_CACHE)
    system.l2cache.cpu_side = system.l2bus.mem_side_ports
    system.l3bus = sim.L2XBar(
        width=verbatim.BUS_WIDTH, snoop_filter=sim.SnoopFilter(max_capacity=verbatim.L3_SNOOP_FILTER)
    )
    system.l2cache.mem_side = system.l3bus.cpu_side_ports
    system.l3cache = _cache(verbatim.L3_CACHE)
    system.l3cache.cpu_side = system.l3bus.mem_side_ports
    system.l3cache.mem_side = system.membus.cpu_side_ports

    cpu.createInterruptController()
    cpu.interrupts[0].pio = system.membus.mem_side_ports
    cpu.interrupts[0].int_requestor = system.membus.cpu_side_ports
    cpu.interrupts[0].int_responder = system.membus.mem_side_ports

    controllers = [
        sim.MemCtrl(dram=sim.DDR4_2400_16x4(range=memory), port=system.membus.mem_side_ports) for memory in (low, main)
    ]
    system.mem_cntrls = controllers[::-1]

    cpu.workload = sim.Process(cmd=[program], cwd=folder)
    if MODERN:
        system.workload = sim.SEWorkload.init_compatible(program)
    cpu.createThreads()
    return sim.Root(full_system=False, system=system)
