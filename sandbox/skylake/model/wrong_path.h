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
    uint32_t first = 0;  // of its micro-ops
    uint16_t count = 0;
    uint8_t loop_first = 0, loop_count = 0;  // of a division: the micro-ops that are repeated
    uint8_t size = 0;
    Control control = Control::kNone;
    bool serializes = false;  // nothing after it is renamed before it commits
  };

  // The general registers and flags on the way: values, and those that are known.
  struct Registers {
    std::array<uint64_t, 16> value{};
    uint16_t known = 0;
    bool zero = false, sign = false, carry = false, overflow = false;
    bool flags_known = false, carry_known = false;

    bool knows(uint8_t r) const { return (known >> r & 1) != 0; }
    // Whether it is known that a condition (as in a jump's opcode) holds or not; `holds` tells which.
    bool decides(uint8_t condition, bool& holds) const {
      const int what = condition >> 1;
      if (what == 5 || !flags_known || ((what == 1 || what == 3) && !carry_known)) return false;
      const bool less = sign != overflow;
      const bool values[] = {overflow, carry, zero, carry || zero, sign, false, less, less || zero};
      holds = values[what] != ((condition & 1) != 0);
      return true;
    }
  };

  void look_with(const Guest& guest) { guest_ = guest; }
  bool follows() const { return guest_.code != nullptr; }
  bool sees_data() const { return guest_.data != nullptr; }

  const Uop* uops(const Step& step) const { return uops_.data() + step.first; }

  // The address of the memory operand.
  static bool address_of(const Effect& effect, const Registers& registers, uint64_t& address) {
    address = static_cast<uint64_t>(effect.displacement);
    for (const uint8_t r : {effect.base, effect.index})
      if (r != Effect::kNo && !registers.knows(r)) return false;
    if (effect.base != Effect::kNo) address += registers.value[effect.base];
    if (effect.index != Effect::kNo) address += registers.value[effect.index] * effect.scale;
    return true;
  }
  uint64_t read(uint64_t address, uint32_t bytes) const { return guest_.data(address, bytes); }

  // Applies an instruction; `loaded` is what it read from memory, `loads` whether that is known.
  static void apply(const Effect& effect, Registers& registers, uint64_t loaded, bool loads) {
    using Kind = Effect::Kind;
    constexpr int kRsp = 4;
    switch (effect.kind) {
      case Kind::kNone:
        return;
      case Kind::kPush:
        registers.value[kRsp] -= 8;
        return;
      case Kind::kPop: {
        registers.value[kRsp] += 8;
        if (effect.destination == Effect::kNo) return;
        const uint16_t popped = static_cast<uint16_t>(1u << effect.destination);
        registers.known = loads ? registers.known | popped : registers.known & static_cast<uint16_t>(~popped);
        registers.value[effect.destination] = loaded;
        return;
      }
      case Kind::kUnknown:
        registers.known &= static_cast<uint16_t>(~effect.killed);
        if (effect.flags) registers.flags_known = registers.carry_known = false;
        return;
      default:
        break;
    }
    const auto low = [](uint64_t value, int bytes) { return value << (64 - 8 * bytes) >> (64 - 8 * bytes); };
    const int bits = 8 * effect.bytes;
    // The second operand.
    uint64_t b = static_cast<uint64_t>(effect.immediate);
    bool known = true;
    if (effect.kind == Kind::kLea) {
      known = address_of(effect, registers, b);
    } else if (effect.source != Effect::kNo) {
      known = registers.knows(effect.source);
      b = registers.value[effect.source];
    } else if (effect.reads && !effect.first_in_memory) {
      known = loads;
      b = loaded;
    }
    if (effect.sign) {
      b = static_cast<uint64_t>(static_cast<int64_t>(b << (64 - 8 * effect.source_bytes)) >> (64 - 8 * effect.source_bytes));
    } else {
      b = low(b, effect.source_bytes);
    }
    b = low(b, effect.bytes);
    // The first one.
    const bool moves = effect.kind == Kind::kMove || effect.kind == Kind::kLea || effect.kind == Kind::kSet;
    const bool zeroes = effect.kind == Kind::kXor && effect.source == effect.destination && effect.source != Effect::kNo;
    const uint8_t first = effect.destination != Effect::kNo ? effect.destination : effect.first;
    uint64_t a = 0;
    if (zeroes) {
      known = true;
      b = 0;
    } else if (effect.first_in_memory) {
      known = known && loads;
      a = low(loaded, effect.bytes);
    } else if (!moves) {
      known = known && registers.knows(first);
      a = low(registers.value[first], effect.bytes);
    }
    uint64_t result = 0;
    bool carry = false, overflow = false, holds = false, changes = effect.flags;
    const uint64_t top = uint64_t{1} << (bits - 1);
    const unsigned by = static_cast<unsigned>(b & (bits == 64 ? 63 : 31));
    switch (effect.kind) {
      case Kind::kMove:
      case Kind::kLea:
        result = b;
        break;
      case Kind::kAdd:
        result = low(a + b, effect.bytes);
        carry = result < a;
        overflow = (~(a ^ b) & (a ^ result) & top) != 0;
        break;
      case Kind::kSub:
        result = low(a - b, effect.bytes);
        carry = a < b;
        overflow = ((a ^ b) & (a ^ result) & top) != 0;
        break;
      case Kind::kAnd:
        result = a & b;
        break;
      case Kind::kOr:
        result = a | b;
        break;
      case Kind::kXor:
        result = a ^ b;
        break;
      case Kind::kShl:
        result = low(a << by, effect.bytes);
        carry = by != 0 && by <= static_cast<unsigned>(bits) && (a >> (static_cast<unsigned>(bits) - by) & 1) != 0;
        break;
      case Kind::kShr:
        result = a >> by;
        carry = by != 0 && (a >> (by - 1) & 1) != 0;
        break;
      case Kind::kSar:
        result = low(static_cast<uint64_t>(static_cast<int64_t>(a << (64 - bits)) >> (64 - bits) >> by), effect.bytes);
        carry = by != 0 && (static_cast<int64_t>(a << (64 - bits)) >> (64 - bits) >> (by - 1) & 1) != 0;
        break;
      case Kind::kNot:
        result = low(~a, effect.bytes);
        break;
      case Kind::kNegate:
        result = low(0 - a, effect.bytes);
        carry = a != 0;
        overflow = a == top;
        break;
      case Kind::kSelect:
        known = known && registers.decides(effect.condition, holds);
        result = holds ? b : a;
        break;
      default:
        known = registers.decides(effect.condition, holds);
        result = holds ? 1 : 0;
    }
    const bool shifts = effect.kind == Kind::kShl || effect.kind == Kind::kShr || effect.kind == Kind::kSar;
    if (shifts && known && by == 0) changes = false;
    if (changes) {
      registers.zero = result == 0;
      registers.sign = (result & top) != 0;
      registers.overflow = overflow;
      registers.flags_known = known;
      if (!effect.keeps_carry) {
        registers.carry = carry;
        registers.carry_known = known;
      }
    }
    if (effect.destination == Effect::kNo) return;
    const uint16_t bit = static_cast<uint16_t>(1u << effect.destination);
    uint64_t& value = registers.value[effect.destination];
    if (effect.bytes < 4) {
      known = known && registers.knows(effect.destination);
      result |= value & ~((uint64_t{1} << bits) - 1);
    }
    value = result;
    registers.known = known ? registers.known | bit : registers.known & static_cast<uint16_t>(~bit);
  }

  const Step& at(uint64_t address) {
    Slot& slot = recent_[(address ^ (address >> 14)) & (kRecent - 1)];
    if (slot.address != address) {
      const auto [it, inserted] = steps_.try_emplace(address);
      if (inserted) it->second = look(address);
      slot.address = address;
      slot.step = &it->second;  // which a map keeps where it is
    }
    return *slot.step;
  }

 private:
  static constexpr size_t kRecent = 16384, kLongest = 15;
  struct Slot {
    uint64_t address = ~uint64_t{0};
    const Step* step = nullptr;
  };

  Step look(uint64_t address) {
    uint8_t bytes[kLongest];
    const size_t size = guest_.code(address, bytes, kLongest);
    Step step;
    if (size == 0) return step;
    const Decoded decoded = decode_instruction(address, bytes, static_cast<uint32_t>(size), uops_, &step.effect);
    step.size = decoded.size;
    step.first = decoded.first;
    step.count = decoded.count;
    if (decoded.loop == Loop::kDivide) {
      step.loop_first = decoded.loop_first;
      step.loop_count = decoded.loop_count;
    }
    for (const Uop* uop = uops(step); uop != uops(step) + step.count; ++uop)
      step.serializes |= (uop->flags & (Uop::kNonSpeculative | Uop::kSerializeBefore | Uop::kSerializeAfter)) != 0;
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
