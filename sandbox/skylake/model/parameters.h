// The processor and memory of the "Verbatim" Skylake configuration, in cycles unless said otherwise.
#pragma once

#include <cstdint>

#include "uop.h"

namespace skylake {
namespace parameter {

constexpr uint64_t kTicksPerCycle = 286;  // picoseconds

// Front end.
constexpr int kFetchWidth = 4, kFetchBytes = 16, kFetchQueue = 50;
constexpr int kFetchToDecode = 3, kDecodeToRename = 1, kRenameToDispatch = 9;
constexpr int kDecodeWidth = 4, kRenameWidth = 8, kCommitWidth = 8, kSquashWidth = 8;
constexpr int kExecuteToCommit = 6, kTrap = 13;

// Back end.
constexpr int kReorderBuffer = 224, kIssueQueue = 97, kLoadQueue = 72, kStoreQueue = 56;
constexpr int kIntegerRegisters = 180 - 38, kFloatRegisters = 168 - 56;  // physical less architectural
constexpr int kDependenceShift = 4;                                      // granularity of memory order checks
constexpr int kStoreSets = 1024, kStoreSetClear = 250000;

// Branch prediction.
constexpr int kTargetBuffer = 512, kTargetTagBits = 19, kReturnStack = 32, kPcShift = 2;

// Caches: bytes, ways, latencies of lookup and of a response to the level above.
struct CacheShape {
  uint32_t bytes, ways, lookup, response;
};
constexpr CacheShape kL1 = {32768, 16, 1, 1}, kL2 = {1048576, 16, 14, 1}, kL3 = {2097152, 16, 44, 1};
constexpr int kLine = 64;
constexpr int kBusForward = 1, kBusFilter3 = 1, kBusResponse = 1;                  // buses to the second and third level
constexpr int kMemoryBusForward = 3 + 4, kMemoryBusFilter = 1, kMemoryBusResponse = 2;

// Memory (ticks).
constexpr uint64_t kFrontend = 10000, kBackend = 10000;
constexpr uint64_t kTcl = 14160, kTrcd = 14160, kTrp = 14160, kTras = 32000, kTburst = 3332, kTccdL = 5000, kTrtp = 7500;
constexpr uint64_t kTwr = 15000, kTrrd = 3332, kTrrdL = 4900, kTxaw = 13328, kTrefi = 7800000, kTrfc = 350000, kTcs = 1666;
constexpr int kBanks = 16, kRanks = 2, kBankGroups = 4, kRowBytes = 8192, kRowAccesses = 16, kActivations = 4;

// Latency and ports (bit n: unit n) of each class of operation.
struct Unit {
  uint8_t latency;
  uint8_t ports;
};
constexpr uint8_t kP0 = 1, kP1 = 2, kP2 = 4, kP3 = 8, kP4 = 16, kP5 = 32, kP6 = 64, kP7 = 128;
constexpr Unit kUnits[static_cast<int>(Op::kCount)] = {
    {1, 0},                       // none
    {1, kP0 | kP1 | kP5 | kP6},   // IntAlu
    {3, kP1},                     // IntMult
    {1, kP0},                     // IntDiv
    {4, kP0 | kP1},               // FloatAdd
    {4, kP0 | kP1},               // FloatCmp
    {4, kP0 | kP1},               // FloatCvt
    {4, kP0 | kP1},               // FloatMult
    {12, kP0},                    // FloatDiv
    {24, kP0},                    // FloatSqrt
    {1, kP0 | kP1 | kP5 | kP6},   // SimdAdd
    {1, kP0 | kP1 | kP5 | kP6},   // SimdAlu
    {1, kP0 | kP1 | kP5 | kP6},   // SimdCmp
    {3, kP0 | kP1},               // SimdCvt
    {1, kP0 | kP1 | kP5},         // SimdMisc
    {4, kP0 | kP1},               // SimdMult
    {1, kP0 | kP1 | kP5 | kP6},   // SimdShift
    {4, kP0 | kP1 | kP5},         // SimdFloatAdd
    {4, kP0 | kP1 | kP5},         // SimdFloatCmp
    {4, kP0 | kP1},               // SimdFloatCvt
    {4, kP0 | kP1},               // SimdFloatMult
    {12, kP0},                    // SimdFloatDiv
    {20, kP0},                    // SimdFloatSqrt
    {4, kP0 | kP1 | kP5},         // SimdFloatAlu
    {1, kP2 | kP3},               // load
    {1, kP4 | kP7},               // store
};

}  // namespace parameter
}  // namespace skylake
