// What lies on paths that are fetched but never run.
#pragma once

#include <algorithm>
#include <array>
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
    Effect effect;
    uint64_t target = 0;
    uint16_t uops = 0;
    uint16_t integers = 0, floats = 0;  // physical registers it needs
    uint16_t loads = 0;
    uint8_t size = 0;
    Control control = Control::kNone;
  };

  // The general registers on the way: values, those that are known, and when they are ready.
  struct Registers {
    std::array<uint64_t, 16> value{};
    std::array<uint64_t, 16> ready{};
    uint16_t known = 0;
  };

  void look_with(const Guest& guest) { guest_ = guest; }
  bool follows() const { return guest_.code != nullptr; }
  bool sees_data() const { return guest_.data != nullptr; }

  // The address of the memory operand, and when it is known.
  static bool address_of(const Effect& effect, const Registers& registers, uint64_t& address, uint64_t& ready) {
    address = static_cast<uint64_t>(effect.displacement);
    for (const uint8_t r : {effect.base, effect.index}) {
      if (r == Effect::kNo) continue;
      if ((registers.known >> r & 1) == 0) return false;
      ready = std::max(ready, registers.ready[r]);
    }
    if (effect.base != Effect::kNo) address += registers.value[effect.base];
    if (effect.index != Effect::kNo) address += registers.value[effect.index] * effect.scale;
    return true;
  }
  uint64_t read(uint64_t address, uint32_t bytes) const { return guest_.data(address, bytes); }

  // Applies an instruction; `loaded` is what it read from memory, `loads` whether that is known, `ready` when.
  static void apply(const Effect& effect, Registers& registers, uint64_t loaded, bool loads, uint64_t ready) {
    using Kind = Effect::Kind;
    constexpr int kRsp = 4;
    switch (effect.kind) {
      case Kind::kNone:
        return;
      case Kind::kPush:
        registers.value[kRsp] -= 8;
        return;
      case Kind::kPop:
        registers.value[kRsp] += 8;
        if (effect.destination != Effect::kNo) registers.known &= static_cast<uint16_t>(~(1u << effect.destination));
        return;
      case Kind::kUnknown:
        registers.known &= static_cast<uint16_t>(~effect.killed);
        return;
      default:
        break;
    }
    const uint16_t bit = static_cast<uint16_t>(1u << effect.destination);
    uint64_t source = static_cast<uint64_t>(effect.immediate), result = 0;
    bool known = true;
    if (effect.kind == Kind::kLea) {
      known = address_of(effect, registers, source, ready);
    } else if (effect.source != Effect::kNo) {
      known = (registers.known >> effect.source & 1) != 0;
      source = registers.value[effect.source];
      ready = std::max(ready, registers.ready[effect.source]);
    } else if (effect.reads) {
      known = loads;
      source = loaded;
    }
    if (effect.source_bytes < 8) {
      const int shift = 64 - 8 * effect.source_bytes;
      source = effect.sign ? static_cast<uint64_t>(static_cast<int64_t>(source << shift) >> shift)
                           : source << shift >> shift;
    }
    const bool moves = effect.kind == Kind::kMove || effect.kind == Kind::kLea;
    const bool zero = effect.kind == Kind::kXor && effect.source == effect.destination;
    if (!moves && !zero) {
      known = known && (registers.known & bit) != 0;
      ready = std::max(ready, registers.ready[effect.destination]);
    }
    if (zero) known = true;
    const uint64_t old = effect.bytes == 4 ? static_cast<uint32_t>(registers.value[effect.destination])
                                             : registers.value[effect.destination];
    const int mask = effect.bytes == 8 ? 63 : 31;
    switch (effect.kind) {
      case Kind::kMove:
      case Kind::kLea:
        result = source;
        break;
      case Kind::kAdd:
        result = old + source;
        break;
      case Kind::kSub:
        result = old - source;
        break;
      case Kind::kAnd:
        result = old & source;
        break;
      case Kind::kOr:
        result = old | source;
        break;
      case Kind::kXor:
        result = zero ? 0 : old ^ source;
        break;
      case Kind::kShl:
        result = old << (source & static_cast<uint64_t>(mask));
        break;
      case Kind::kShr:
        result = old >> (source & static_cast<uint64_t>(mask));
        break;
      default:
        result = effect.bytes == 8 ? static_cast<uint64_t>(static_cast<int64_t>(old) >> (source & 63))
                                   : static_cast<uint32_t>(static_cast<int32_t>(old) >> (source & 31));
    }
    if (effect.bytes == 4) result = static_cast<uint32_t>(result);
    registers.value[effect.destination] = result;
    registers.ready[effect.destination] = ready + 1;
    registers.known = known ? registers.known | bit : registers.known & static_cast<uint16_t>(~bit);
  }

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
    const size_t size = guest_.code(address, bytes, kLongest);
    Step step;
    if (size == 0) return step;
    uops_.clear();
    const Decoded decoded = decode_instruction(address, bytes, static_cast<uint32_t>(size), uops_);
    step.effect = decode_effect(address, bytes, static_cast<uint32_t>(size));
    step.size = decoded.size;
    step.uops = decoded.count;
    for (const Uop& uop : uops_) {
      step.integers = static_cast<uint16_t>(step.integers + uop.integers);
      step.floats = static_cast<uint16_t>(step.floats + uop.floats);
      step.loads = static_cast<uint16_t>(step.loads + (uop.op == Op::kLoad));
    }
    step.control = decoded.control;
    step.target = decoded.target;
    return step;
  }

  Guest guest_{nullptr, nullptr};
  std::vector<Slot> recent_ = std::vector<Slot>(kRecent);
  std::unordered_map<uint64_t, Step> steps_;
  std::vector<Uop> uops_;
};

}  // namespace skylake
