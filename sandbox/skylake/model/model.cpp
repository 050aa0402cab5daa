// A clock that ticks once an instruction.
#include "model.h"

#include <cstdio>

namespace skylake {

struct Block {
  uint64_t instructions;
};

static Counters state;

void start(const char*) {}

Block* decode(const Instruction*, size_t n) { return new Block{n}; }

uint64_t execute(Block* block, const Access*, size_t, uint64_t, bool resumed) {
  state.instructions += block->instructions - (resumed ? 1 : 0);
  return state.cycles = state.instructions;
}

void map(uint64_t, uint64_t) {}

void unmap(uint64_t, uint64_t) {}

Counters counters() { return state; }

size_t describe(char* buffer, size_t capacity) {
  return static_cast<size_t>(snprintf(buffer, capacity, "instructions=%llu\n", static_cast<unsigned long long>(state.instructions)));
}

}  // namespace skylake
