// What a run reports, and how one ends.
#pragma once

#include <cstdint>

namespace skylake {

enum class Ending : uint32_t {
  kNone,        // not ended by the plugin: the process's own status tells
  kExited,      // code: exit status
  kSignalled,   // code: signal
  kTimeLimit,   // the limit of simulated cycles
  kEscape,      // an access outside the guest's memory
  kMemoryLimit, // a request for more memory than the program may have
};

// One run's result. It lies in memory that parent and child share, outside the guest's; no descriptor leads there.
struct Report {
  Ending ending;
  int32_t code;
  uint64_t instructions;
  uint64_t cycles;  // kept up to date while the program runs
  char counters[4096];
};

extern Report* report;

// Writes the counters into the report and ends the process.
[[noreturn]] void finish(Ending ending, int code);

// Ends the process with a message for the engine: the plugin itself can't work.
[[noreturn]] void fail(const char* message);

}  // namespace skylake
