// What lies on paths that are fetched but never run.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "model.h"
#include "uop.h"

namespace skylake {

class WrongPath {
 public:
  // An instruction as fetch sees it; `size` is 0 where there is no code.
  struct Step {
    uint64_t target = 0;
    uint16_t uops = 0;
    uint8_t size = 0;
    Control control = Control::kNone;
  };

  void read_with(CodeReader reader) { reader_ = reader; }
  bool follows() const { return reader_ != nullptr; }

  const Step& at(uint64_t address) {
    Slot& slot = recent_[(address ^ (address >> 12)) & (kRecent - 1)];
    if (slot.address != address) {
      const auto [it, inserted] = steps_.try_emplace(address);
      if (inserted) it->second = look(address);
      slot.address = address;
      slot.step = it->second;
    }
    return slot.step;
  }

 private:
  static constexpr size_t kRecent = 4096, kLongest = 15;
  struct Slot {
    uint64_t address = ~uint64_t{0};
    Step step;
  };

  Step look(uint64_t address) {
    uint8_t bytes[kLongest];
    const size_t size = reader_(address, bytes, kLongest);
    Step step;
    if (size == 0) return step;
    uops_.clear();
    const Decoded decoded = decode_instruction(address, bytes, static_cast<uint32_t>(size), uops_);
    step.size = decoded.size;
    step.uops = decoded.count;
    step.control = decoded.control;
    step.target = decoded.target;
    return step;
  }

  CodeReader reader_ = nullptr;
  std::vector<Slot> recent_ = std::vector<Slot>(kRecent);
  std::unordered_map<uint64_t, Step> steps_;
  std::vector<Uop> uops_;
};

}  // namespace skylake
