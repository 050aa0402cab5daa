// The fork server: one start-up, many inputs.
#pragma once

#include <cstdint>

namespace skylake::server {

struct Settings {
  uint64_t cycles;  // limits: of simulated time, of memory in bytes, of output in bytes
  uint64_t memory;
  uint64_t output;
  bool alone;  // fork at the first system call
};

// Takes the engine's channel from descriptors 0 and 1 and puts an empty input and a prefix of the output in their places.
void start(const Settings& wanted);

bool alone();

// Notes what QEMU itself has at the first block, and lets the kernel hold the program with QEMU to a little more than the
// program's limit.
void limit_memory();

// Whether the program may have `bytes` more of private writable memory.
bool memory_has_room(uint64_t bytes);

// Whether the program runs on the input of one test already.
bool forked();

// Where a program is when tests part.
struct Point {
  bool shareable;   // a second child would see what a process of its own would
  bool ending;      // the run ends here; inside a block QEMU's own locks may be held, which fork's handlers would wait for
  bool repeatable;  // the parent itself may make the system call, on an empty input, to translate code ahead (warm.h)
};

// Serves the engine's requests until it closes the channel: for each input a child returns from here and goes on with the
// program. The parent returns only to translate code ahead.
void serve(const Point& point);

// Room left for output written before the fork.
bool prefix_has_room(uint64_t bytes);

// A second, independent descriptor of the input, for a program that opens /dev/stdin; -1 if there is none left.
int take_second_input();

uint64_t cycle_limit();

}  // namespace skylake::server
