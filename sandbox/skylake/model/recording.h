// What the timing of a block asked of the rest of the machine, and what it was told.
//
// The core is two machines: the pipeline, whose state is cycles, and what the program does to caches, predictors, pages and
// the addresses in the store queue. The pipeline's next state follows from its state, the block, and the answers recorded
// here, and from nothing else (memo.h).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "model.h"

namespace skylake {

// Cycles are relative to the block's start.
struct Question {
  // A store is accounted for when it executes, and written to the cache when its time comes, in the order of the program.
  enum class Kind : uint8_t { kFetch, kLoad, kStore, kWrite };
  static constexpr uint8_t kNoAccess = 0, kAccess = 1, kForwarded = 2, kWaited = 3;
  Kind kind;
  uint8_t answer;     // of a load
  uint8_t bytes;
  uint8_t source;     // how many stores before this load the one is that it got its data from, or waited for
  uint16_t access;    // which of the block's
  uint16_t set;       // store set
  uint16_t place;     // fetch: 16-byte block, relative to the block's first; load, store: slot of the store sets' table
  int16_t executed;   // load: when it looks into the store queue; store: when its address is known
  int16_t at;         // when it looks into the cache; store: the earliest cycle in which it may
  int16_t latency;    // until the cache's answer
  int16_t issued;     // store
};

struct Recording {
  static constexpr size_t kMost = 192;
  static constexpr uint64_t kNoLine = ~uint64_t{0};
  bool on = false;
  bool spoiled = false;  // something happened that isn't memoised
  uint64_t base = 0;     // the cycle of the block's start
  uint64_t first_fetch_block = 0;
  const Access* first_access = nullptr;
  // The line that was fetched last, if it is there: to fetch from it again is no question, only counted.
  uint64_t fetched_line = kNoLine;
  uint16_t fetched_again = 0;
  int16_t learned = 0, committed = 0;  // of the branch: when the predictor is asked, when it commits
  size_t count = 0;
  std::array<Question, kMost> questions;

  // Room for one more question; the same place over and over once there are too many.
  Question& next() {
    if (count == kMost) {
      spoiled = true;
      --count;
    }
    return questions[count++];
  }
  uint16_t place_of(const Access* access) const {
    return access != nullptr ? static_cast<uint16_t>(access - first_access) : uint16_t{0};
  }
  // A number of cycles; what is too far away isn't memoised.
  int16_t span(uint64_t from, uint64_t to) {
    const auto cycles = static_cast<int16_t>(to - from);
    if (from + static_cast<uint64_t>(int64_t{cycles}) != to) spoiled = true;
    return cycles;
  }
  int16_t relative(uint64_t cycle) { return span(base, cycle); }
};

}  // namespace skylake
