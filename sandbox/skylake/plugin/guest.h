// The guest as the host sees it: its registers, its memory, its first stack frame, its CPUID.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace skylake::guest {

enum Register { RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI };

// Learns where the guest's memory and registers are. `env` is QEMU's CPU state, which generated code on an x86-64 host
// keeps in %rbp; it begins with the sixteen general registers, which hold the guest's values at a block's start.
void attach(void* env, uint64_t memory_base, uint64_t memory_size);

// The size of the guest's address space: every address below it belongs to the guest, none above does.
uint64_t memory_size();
bool contains_host(const void* address);
uint64_t& reg(Register name);
template <typename T = uint8_t>
T* at(uint64_t address);
bool contains(uint64_t address, uint64_t size);
std::string text(uint64_t address);  // a path; empty where it can't be read

// Replaces the frame that QEMU built on the first stack by the one that gem5 builds: its auxiliary vector, an empty
// environment, `./prog` as the only argument, fixed "random" bytes.
void build_first_frame();

// Lets the next `cpuid` instruction see gem5's processor, and the ones after it QEMU's. Programs may execute AVX2, but
// the C library chooses its variants as it does in gem5.
void hide_features();
void show_features();

// The guest's integer state, from which it goes on when QEMU returns from a system call.
struct State {
  uint8_t bytes[1024];
};
void save(State& state);
void restore(const State& state);
void go_on_at(uint64_t address);
void repeat_call();  // goes on with the system call's instruction

uint8_t* host(uint64_t address);
template <typename T>
T* at(uint64_t address) {
  return reinterpret_cast<T*>(host(address));
}

}  // namespace skylake::guest
