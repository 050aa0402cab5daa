// The boundary between the plugin, which sees a program run, and the model, which says how long it takes.
//
// The plugin hands over every translated block once (`decode`) and every execution of a block, in program order
// (`execute`). The model keeps all of its state in ordinary process memory, so that a fork copies it, and never allocates
// from, reads from or writes to the guest.
#pragma once

#include <cstddef>
#include <cstdint>

namespace skylake {

// One instruction of a block, as translated.
struct Instruction {
  uint64_t address;      // guest virtual address
  const uint8_t* bytes;  // valid during `decode` only
  uint32_t size;         // in bytes
};

// One memory access of a block's execution, in the order in which QEMU made them. An instruction may make several: QEMU
// splits 16-byte accesses into two of 8, 10-byte ones into 8 and 2, and a read-modify-write is a load and a store.
// Instructions that access memory conditionally (repeat strings with a zero count, masked moves) may make none.
struct Access {
  uint64_t address;      // guest virtual address
  uint32_t instruction;  // index within the block
  // 0 for a load, 1 for a store. 2 for no access but a value: after a division (mnemonics div and idiv) `address` is the
  // guest's rax, from which the model learns how many steps the division took; without it a typical number is assumed.
  uint32_t store;
};

// What the model knows of a block; opaque to the plugin. The model owns it for the life of the process.
struct Block;

struct Counters {
  uint64_t instructions;  // as gem5's simInsts: a repeat string instruction counts once, whatever its count
  uint64_t cycles;
};

// Sets the model up; called once before anything else. `options`: "memo=0" has every block run by the core, with the same
// cycles, else empty.
void start(const char* options);

// How the model looks at the guest in order to follow mispredicted paths, which the reference simulator executes until it
// finds out: they fill caches. `code` reads up to `size` bytes into `buffer` and returns how many could be read (0 if
// unmapped), without faulting; it is called at most once for each place. `data` reads 1, 2, 4 or 8 bytes, zero-extended; it
// is called for addresses in pages that the program has touched and that were not unmapped since. Without them such paths
// are estimated. Call this before the first `decode`.
struct Guest {
  size_t (*code)(uint64_t address, uint8_t* buffer, size_t size);
  uint64_t (*data)(uint64_t address, uint32_t bytes);
};
void look_with(const Guest& guest);

// Looks at the instruction at `address` now instead of when a mispredicted path first comes there.
void foresee(uint64_t address);

// Decodes `n` >= 1 consecutive instructions. A block ends at the first jump, call, return, system call or repeat string
// instruction, at a page's end, or where QEMU likes. The plugin calls this once for equal bytes at an equal address.
Block* decode(const Instruction* instructions, size_t n);

// Whether the block's instruction number `i` may access memory.
bool accesses_memory(const Block* block, size_t i);

// Accounts for one execution of `block`.
//
// Args:
//   accesses, n: its memory accesses in order.
//   next: address of the block executed after it (so the outcome of its last instruction), 0 if the program ends.
//   resumed: `block` begins with a repeat string instruction of which the previous execution did an iteration; no
//     new instruction begins there. QEMU 7.2 runs a repeat string instruction as a block that jumps to itself, one
//     iteration an execution; newer ones may do many iterations in one execution (then there are many accesses).
//     The last execution may make no access (count exhausted).
//   registers: the sixteen general registers (rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8, ...) after the block, valid
//     during the call; null if unknown.
//
// Returns: the cycle count so far.
uint64_t execute(Block* block, const Access* accesses, size_t n, uint64_t next, bool resumed,
                 const uint64_t* registers = nullptr);

// The pages [address, address + size) hold data before the first instruction runs: the program's and its loader's
// segments (with their zeroed parts) and what is already written of the stack. The first touch of any other page costs a
// page fault.
void preload(uint64_t address, uint64_t size);

// The pages [address, address + size) were mapped (mmap, brk, program loading) or unmapped.
void map(uint64_t address, uint64_t size);
void unmap(uint64_t address, uint64_t size);

// Counters up to the last executed block, with everything in flight retired.
Counters counters();

// The model's own counters for reports, as "name=value" lines (at most `capacity` bytes with the final zero).
size_t describe(char* buffer, size_t capacity);

// Before forks: from here on several processes go on, one after the other.
void before_forks();

}  // namespace skylake
