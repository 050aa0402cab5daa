// The processor and memory of the "Verbatim" Skylake configuration: what the reference simulator's script sets is in
// verbatim.h; here is what it leaves at the simulator's defaults. In cycles unless said otherwise.
#pragma once

#include <cstdint>

#include "uop.h"
#include "verbatim.h"

namespace skylake {
namespace parameter {

constexpr uint64_t kTicksPerCycle = 286;  // picoseconds

constexpr int kTrap = 13;
constexpr int kIntegerRegisters = kPhysicalIntegers - 38, kFloatRegisters = kPhysicalFloats - 56;  // less architectural
constexpr int kDependenceShift = 4;  // granularity of memory order checks
constexpr int kStoreSets = 1024, kStoreSetClear = 250000;
constexpr int kPcShift = 2;  // predictors drop the low bits of addresses

constexpr int kLine = 64;
constexpr int kBusForward = 1, kBusFilter3 = 1, kBusResponse = 1;  // buses to the second and third level
constexpr int kMemoryBusForward = 3 + 4, kMemoryBusFilter = 1, kMemoryBusResponse = 2;

// Memory, DDR4-2400 of 16 chips (ticks).
constexpr uint64_t kFrontend = 10000, kBackend = 10000;
constexpr uint64_t kTcl = 14160, kTrcd = 14160, kTrp = 14160, kTras = 32000, kTburst = 3332, kTccdL = 5000;
constexpr uint64_t kTrtp = 7500, kTwr = 15000, kTrrd = 3332, kTrrdL = 4900, kTxaw = 13328;
constexpr uint64_t kTrefi = 7800000, kTrfc = 350000, kTcs = 1666;
constexpr int kBanks = 16, kRanks = 2, kBankGroups = 4, kRowBytes = 8192, kRowAccesses = 16, kActivations = 4;

static_assert(sizeof kUnits / sizeof *kUnits == static_cast<int>(Op::kCount), "one unit for each class");

}  // namespace parameter
}  // namespace skylake
