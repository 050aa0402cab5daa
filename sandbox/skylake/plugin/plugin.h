// What the plugin's parts share of a block that QEMU has translated.
#pragma once

#include <cstdint>

#include "../model/model.h"

namespace skylake {

struct Translated {
  Block* block;
  uint64_t start;
  uint64_t repeat;  // address of a final repeat string instruction, 0 without one
  void (*tail)(unsigned, void*);  // what is due after the last instruction, at the next block's start
  void* tail_data;
};

// The block that runs; its `tail` is called when the next one starts.
extern Translated* running;

}  // namespace skylake
