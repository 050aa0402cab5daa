// The model behind the plugin's boundary.
#include "model.h"

#include <cinttypes>
#include <cstdio>
#include <memory>
#include <string_view>
#include <vector>

#include "core.h"
#include "memo.h"
#include "uop.h"

namespace skylake {

struct Block {
  std::vector<Decoded> instructions;
  std::vector<Uop> uops;
  Facts* facts;
  size_t number;
};

namespace {

struct Machine {
  Core core;
  Memo memo{core};
  std::vector<const Block*> blocks;
  // Of each block, how many executions the core didn't run; apart from the blocks, so that a child that counts writes to
  // few pages.
  std::vector<uint64_t> followed;
};
std::unique_ptr<Machine> machine;

}  // namespace

void start(const char* options) {
  machine = std::make_unique<Machine>();
  if (std::string_view(options) != "memo=0") machine->memo.enable();
}

void look_with(const Guest& guest) { machine->core.look_with(guest); }

void foresee(uint64_t address) { machine->core.foresee(address); }

Block* decode(const Instruction* instructions, size_t n) {
  Block* block = new Block;
  block->instructions.reserve(n);
  std::vector<uint8_t> code;
  for (size_t i = 0; i < n; ++i) {
    code.insert(code.end(), instructions[i].bytes, instructions[i].bytes + instructions[i].size);
    block->instructions.push_back(
        decode_instruction(instructions[i].address, instructions[i].bytes, instructions[i].size, block->uops));
  }
  block->number = machine->blocks.size();
  machine->blocks.push_back(block);
  machine->followed.push_back(0);
  block->facts = machine->memo.facts_of(instructions[0].address, code, block->instructions, block->uops);
  return block;
}

bool accesses_memory(const Block* block, size_t i) { return block->instructions[i].memory; }

uint64_t execute(Block* block, const Access* accesses, size_t n, uint64_t next, bool resumed,
                 const uint64_t* registers) {
  Core& core = machine->core;
  Memo& memo = machine->memo;
  if (!resumed && memo.follow(block->facts, accesses, n, next)) {
    ++machine->followed[block->number];
    return core.now();
  }
  memo.begin(block->facts, accesses, n);
  core.set_registers(registers);
  const Uop* uops = block->uops.data();
  const size_t count = block->instructions.size();
  size_t used = 0;
  for (size_t i = 0; i < count; ++i) {
    const size_t from = used;
    while (used < n && accesses[used].instruction == i && accesses[used].store < 2) ++used;
    const size_t own = used - from;
    while (used < n && accesses[used].instruction == i) core.set_quotient(accesses[used++].address);
    const Decoded& instruction = block->instructions[i];
    const uint64_t after = i + 1 < count ? instruction.address + instruction.size : next;
    core.run(instruction, uops, accesses + from, own, after, resumed && i == 0);
  }
  memo.end(block->facts, next);
  return core.now();
}

void preload(uint64_t address, uint64_t size) { machine->core.memory().pages().touch(address, size); }

void map(uint64_t, uint64_t) {}

void unmap(uint64_t address, uint64_t size) { machine->core.memory().pages().forget(address, size); }

void before_forks() { machine->memo.settle(); }

Counters counters() { return {machine->core.statistics().instructions, machine->core.now()}; }

size_t describe(char* buffer, size_t capacity) {
  Core& core = machine->core;
  Core::Statistics s = core.statistics();
  for (size_t number = 0; number < machine->blocks.size(); ++number) {
    const uint64_t times = machine->followed[number];
    if (times == 0) continue;
    const Block* block = machine->blocks[number];
    s.uops += times * block->uops.size();
    for (const Uop& uop : block->uops) s.by_class[static_cast<size_t>(uop.op)] += times;
  }
  const Memory::Counters& m = core.memory().counters();
  size_t length = 0;
  const auto line = [&](const char* name, uint64_t value) {
    if (length < capacity)
      length += static_cast<size_t>(snprintf(buffer + length, capacity - length, "%s=%" PRIu64 "\n", name, value));
  };
  line("instructions", s.instructions);
  line("cycles", core.now());
  line("uops", s.uops);
  line("mispredicts", s.mispredicts);
  line("redirects", s.redirects);
  line("violations", s.violations);
  line("forwards", s.forwards);
  line("traps", s.traps);
  line("faults", s.faults);
  line("squashed", s.squashed);
  line("nested", s.nested);
  line("fetches", m.fetches);
  line("fetch_misses", m.fetch_misses);
  line("accesses", m.accesses);
  line("misses", m.misses);
  line("l2", m.l2);
  line("l2_misses", m.l2_misses);
  line("l3_misses", m.l3_misses);
  char name[16];
  for (size_t i = 0; i < s.by_class.size(); ++i) {
    snprintf(name, sizeof name, "class%zu", i);
    line(name, s.by_class[i]);
  }
  return std::min(length + 1, capacity);
}

}  // namespace skylake
