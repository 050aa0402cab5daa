// Made by sandbox/skylake/parameters.py from sandbox/gem5/verbatim.py: edit that and run this again.
#pragma once

#include <cstdint>

namespace skylake {
namespace parameter {

constexpr int kFetchWidth = 4;
constexpr int kFetchBytes = 16;
constexpr int kFetchQueue = 50;
constexpr int kFetchToDecode = 3;
constexpr int kDecodeToRename = 1;
constexpr int kRenameToDispatch = 9;
constexpr int kExecuteToCommit = 6;
constexpr int kDecodeWidth = 4;
constexpr int kRenameWidth = 8;
constexpr int kCommitWidth = 8;
constexpr int kSquashWidth = 8;
constexpr int kReorderBuffer = 224;
constexpr int kIssueQueue = 97;
constexpr int kLoadQueue = 72;
constexpr int kStoreQueue = 56;
constexpr int kPhysicalIntegers = 180;
constexpr int kPhysicalFloats = 168;
constexpr int kTargetBuffer = 512, kTargetTagBits = 19;
constexpr int kReturnStack = 32;
constexpr int kTageTables = 12;
constexpr int kTageSizes[] = {14, 10, 10, 11, 11, 11, 11, 10, 10, 10, 10, 9, 9};
constexpr int kTageTags[] = {0, 7, 7, 8, 8, 9, 10, 11, 12, 12, 13, 14, 15};
constexpr int kTageLengths[] = {0, 4, 5, 6, 7, 9, 11, 13, 16, 19, 23, 28, 34};

// Caches: bytes, ways, latencies of lookup and of a response to the level above.
struct CacheShape {
  uint32_t bytes, ways, lookup, response;
};
constexpr CacheShape kL1 = {32768, 16, 1, 1};
constexpr CacheShape kL2 = {1048576, 16, 14, 1};
constexpr CacheShape kL3 = {2097152, 16, 44, 1};

// Latency and ports (bit n: port n) of each class of operation.
struct Unit {
  uint8_t latency, ports;
};
constexpr Unit kUnits[] = {
    {1, 0},  // None
    {1, 99},  // IntAlu
    {3, 2},  // IntMult
    {1, 1},  // IntDiv
    {4, 3},  // FloatAdd
    {4, 3},  // FloatCmp
    {4, 3},  // FloatCvt
    {4, 3},  // FloatMult
    {12, 1},  // FloatDiv
    {24, 1},  // FloatSqrt
    {1, 99},  // SimdAdd
    {1, 99},  // SimdAlu
    {1, 99},  // SimdCmp
    {3, 3},  // SimdCvt
    {1, 35},  // SimdMisc
    {4, 3},  // SimdMult
    {1, 99},  // SimdShift
    {4, 35},  // SimdFloatAdd
    {4, 35},  // SimdFloatCmp
    {4, 3},  // SimdFloatCvt
    {4, 3},  // SimdFloatMult
    {12, 1},  // SimdFloatDiv
    {20, 1},  // SimdFloatSqrt
    {4, 35},  // SimdFloatAlu
    {1, 12},  // Load
    {1, 144},  // Store
};

}  // namespace parameter
}  // namespace skylake
