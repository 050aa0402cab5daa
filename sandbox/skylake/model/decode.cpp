// From x86 instructions to the micro-operations of the reference simulator, with its dependences: many of its micro-ops
// read their old destination (moves, lea, byte operations, packed operations), every condition reads all five flag
// registers, and logic operations merge into the old flags.
#include <Zydis/Zydis.h>

#include <algorithm>
#include <initializer_list>

#include "uop.h"

namespace skylake {
namespace {

constexpr uint8_t kNone = 255;
constexpr uint8_t t(int n) { return static_cast<uint8_t>(reg::kTemp + n); }
constexpr uint8_t ufp(int n) { return static_cast<uint8_t>(reg::kFloatTemp + n); }

// What an arithmetic micro-op does to the flags.
enum class Flags { kKeep, kAll, kLogic, kNoCarry, kRotate, kCarry };

struct Decoder {
  ZydisDecoder zydis;
  Decoder() { ZydisDecoderInit(&zydis, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64); }
};

const Decoder& decoder() {
  static const Decoder instance;
  return instance;
}

class Translator {
 public:
  Translator(uint64_t address, const ZydisDecodedInstruction& instruction, const ZydisDecodedOperand* operands,
             std::vector<Uop>& uops)
      : address_(address), instruction_(instruction), operands_(operands), uops_(uops), first_(uops.size()) {
    for (int i = 0; i < instruction_.operand_count_visible; ++i) {
      if (operands_[i].type == ZYDIS_OPERAND_TYPE_MEMORY) {
        memory_ = i;
        const auto& mem = operands_[i].mem;
        relative_ = mem.base == ZYDIS_REGISTER_RIP;
        base_ = relative_ ? t(7) : general(mem.base);
        index_ = general(mem.index);
      }
    }
  }

  Decoded run();

 private:
  static uint8_t general(ZydisRegister r) {
    const ZydisRegister full = ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64, r);
    if (full < ZYDIS_REGISTER_RAX || full > ZYDIS_REGISTER_R15) return kNone;
    return static_cast<uint8_t>(full - ZYDIS_REGISTER_RAX);
  }
  bool is_memory(int i) const { return operands_[i].type == ZYDIS_OPERAND_TYPE_MEMORY; }
  bool is_immediate(int i) const { return operands_[i].type == ZYDIS_OPERAND_TYPE_IMMEDIATE; }
  bool is_register(int i) const { return operands_[i].type == ZYDIS_OPERAND_TYPE_REGISTER; }
  uint8_t gpr(int i) const { return general(operands_[i].reg.value); }
  int size(int i) const { return operands_[i].size / 8; }
  bool is_vector(int i) const {
    return is_register(i) && ZydisRegisterGetClass(operands_[i].reg.value) == ZYDIS_REGCLASS_XMM;
  }
  bool is_mmx(int i) const {
    return is_register(i) && ZydisRegisterGetClass(operands_[i].reg.value) == ZYDIS_REGCLASS_MMX;
  }
  uint8_t low(int i) const {
    if (is_mmx(i)) return static_cast<uint8_t>(reg::kStack + (operands_[i].reg.value - ZYDIS_REGISTER_MM0));
    return static_cast<uint8_t>(reg::kXmm + 2 * (operands_[i].reg.value - ZYDIS_REGISTER_XMM0));
  }
  uint8_t high(int i) const { return static_cast<uint8_t>(low(i) + 1); }

  Uop& emit(Op op, std::initializer_list<uint8_t> destinations, std::initializer_list<uint8_t> sources) {
    Uop uop;
    uop.op = op;
    for (uint8_t d : destinations) add_destination(uop, d);
    for (uint8_t s : sources) add_source(uop, s);
    uops_.push_back(uop);
    return uops_.back();
  }
  static void add_source(Uop& uop, uint8_t r) {
    if (r == kNone) return;
    for (int i = 0; i < uop.sources; ++i)
      if (uop.source[i] == r) return;
    if (uop.sources < Uop::kSources) uop.source[uop.sources++] = r;
  }
  static void add_destination(Uop& uop, uint8_t r) {
    if (r == kNone) return;
    uop.destination[uop.destinations++] = r;
    if (r < reg::kIntegers) ++uop.integers;
    if (r >= reg::kFloats) ++uop.floats;
  }
  Uop& alu(uint8_t destination, std::initializer_list<uint8_t> sources, Flags flags = Flags::kKeep,
           Op op = Op::kIntAlu) {
    Uop& uop = emit(op, {destination}, sources);
    switch (flags) {
      case Flags::kKeep:
        break;
      case Flags::kLogic:
        add_source(uop, reg::kZaps);
        [[fallthrough]];
      case Flags::kAll:
        add_destination(uop, reg::kZaps);
        add_destination(uop, reg::kCfof);
        break;
      case Flags::kNoCarry:
        add_source(uop, reg::kCfof);
        add_destination(uop, reg::kZaps);
        add_destination(uop, reg::kCfof);
        break;
      case Flags::kCarry:
        add_source(uop, reg::kCfof);
        [[fallthrough]];
      case Flags::kRotate:
        add_destination(uop, reg::kCfof);
        break;
    }
    return uop;
  }
  Uop& conditional(uint8_t destination, std::initializer_list<uint8_t> sources) {
    Uop& uop = emit(Op::kIntAlu, {destination}, sources);
    for (uint8_t f : {reg::kZaps, reg::kCfof, reg::kDf, reg::kEcf, reg::kEzf}) add_source(uop, f);
    return uop;
  }
  // `mov`: reads its old destination whatever its size.
  Uop& mov(uint8_t destination, uint8_t source) { return emit(Op::kIntAlu, {destination}, {destination, source}); }
  void limm(uint8_t destination, bool merge = false) {
    emit(Op::kIntAlu, {destination}, {merge ? destination : kNone});
  }
  void lfpimm(uint8_t destination) { emit(Op::kFloatAdd, {destination}, {}); }
  void movfp(uint8_t destination, uint8_t source) { emit(Op::kIntAlu, {destination}, {destination, source}); }
  void rdip(uint8_t destination = t(7)) { emit(Op::kIntAlu, {destination}, {}); }
  // The instruction pointer is read first by RIP-relative forms.
  void relative() {
    if (relative_) rdip();
  }
  Uop& load_at(uint8_t destination, int access, int bytes, uint8_t base, uint8_t index, bool merge) {
    Uop& uop = emit(Op::kLoad, {destination}, {base, index, merge ? destination : kNone});
    uop.access = static_cast<uint8_t>(access);
    uop.bytes = static_cast<uint8_t>(bytes);
    return uop;
  }
  Uop& store_at(uint8_t data, int access, int bytes, uint8_t base, uint8_t index) {
    Uop& uop = emit(Op::kStore, {}, {base, index, data});
    uop.access = static_cast<uint8_t>(access);
    uop.bytes = static_cast<uint8_t>(bytes);
    return uop;
  }
  Uop& load(uint8_t destination, int bytes, int access = 0) {
    return load_at(destination, access, bytes, base_, index_, bytes < 4 && destination < reg::kIntegers);
  }
  Uop& store(uint8_t data, int bytes, int access = 0) { return store_at(data, access, bytes, base_, index_); }
  void lea(uint8_t destination) { emit(Op::kIntAlu, {destination}, {destination, base_, index_}); }
  void fence() {
    emit(Op::kNone, {}, {}).flags = Uop::kNonSpeculative | Uop::kLoadBarrier | Uop::kStoreBarrier;
  }
  // A branch inside the microcode; `bytes` tells whether it is taken where that is known.
  void micro_branch(bool taken = false) {
    Uop& uop = conditional(kNone, {});
    uop.op = Op::kNone;
    uop.flags = Uop::kBranch;
    uop.bytes = taken;
  }
  // The simulator warns of non-temporal stores by a fault, every time.
  void warning() { emit(Op::kNone, {}, {}).flags = Uop::kTrap; }
  // What the simulator doesn't implement does nothing, alone at the head of the reorder buffer.
  void unimplemented() { emit(Op::kNone, {}, {}).flags = Uop::kNonSpeculative; }

  void arithmetic(Flags flags, bool writes, bool carry_in, bool immediate_first);
  void unary(Flags flags, bool not_operation);
  void shift(Flags flags);
  void double_shift();
  void multiply();
  void divide(bool is_signed);
  void bit_test(bool writes);
  void bit_scan(bool forward);
  void set_condition();
  void conditional_move();
  void move();
  void extend(bool wide_source);
  void push();
  void pop();
  void branch(Control control);
  void string(int loads, bool stores, bool compares);
  void vector_move(bool high_first);
  void packed(Op op, bool lea_first = false);
  void scalar(Op op);
  void vector_shift();
  void vector_bytes_shift();
  void unpack_low();
  void unpack_high();
  void x87();
  bool integer();
  bool vector();

  uint64_t address_;
  const ZydisDecodedInstruction& instruction_;
  const ZydisDecodedOperand* operands_;
  std::vector<Uop>& uops_;
  size_t first_;
  int memory_ = -1;
  bool relative_ = false;
  uint8_t base_ = kNone, index_ = kNone;
  Decoded decoded_;
};

// The two-operand integer operations. `immediate_first`: the immediate is read before the instruction pointer.
void Translator::arithmetic(Flags flags, bool writes, bool carry_in, bool immediate_first) {
  const bool locked = (instruction_.attributes & ZYDIS_ATTRIB_HAS_LOCK) != 0;
  const uint8_t carry = carry_in ? reg::kCfof : kNone;
  const int bytes = size(0);
  if (is_memory(0)) {
    const bool immediate = is_immediate(1);
    const uint8_t source = immediate ? t(2) : gpr(1);
    if (immediate && immediate_first) limm(t(2), bytes < 4);
    relative();
    if (immediate && !immediate_first) limm(t(2), bytes < 4);
    if (locked) fence();
    Uop& read = load(t(1), bytes);
    if (locked) read.flags |= Uop::kNonSpeculative;
    alu(writes ? t(1) : kNone, {t(1), source, carry}, flags);
    if (writes) store(t(1), bytes, 1);
    if (locked) fence();
  } else if (is_memory(1)) {
    relative();
    load(t(1), bytes);
    alu(writes ? gpr(0) : kNone, {gpr(0), t(1), carry}, flags);
  } else if (is_immediate(1)) {
    limm(t(1), bytes < 4);
    alu(writes ? gpr(0) : kNone, {gpr(0), t(1), carry}, flags);
  } else {
    alu(writes ? gpr(0) : kNone, {gpr(0), gpr(1), carry}, flags);
  }
}

void Translator::unary(Flags flags, bool not_operation) {
  const bool locked = (instruction_.attributes & ZYDIS_ATTRIB_HAS_LOCK) != 0;
  const int bytes = size(0);
  const uint8_t operand = not_operation ? t(1) : kNone;
  if (not_operation) limm(t(1), bytes < 4);
  if (is_memory(0)) {
    relative();
    if (locked) fence();
    Uop& read = load(t(2), bytes);
    if (locked) read.flags |= Uop::kNonSpeculative;
    alu(t(2), {t(2), operand}, flags);
    store(t(2), bytes, 1);
    if (locked) fence();
  } else {
    alu(gpr(0), {gpr(0), operand}, flags);
  }
}

void Translator::shift(Flags flags) {
  const uint8_t amount = is_register(1) ? gpr(1) : kNone;
  if (is_memory(0)) {
    relative();
    load(t(1), size(0));
    alu(t(1), {t(1), amount}, flags);
    store(t(1), size(0), 1);
  } else {
    alu(gpr(0), {gpr(0), amount}, flags);
  }
}

void Translator::double_shift() {
  const uint8_t amount = is_register(2) ? reg::kRcx : kNone;
  if (is_memory(0)) {
    relative();
    load(t(1), size(0));
    emit(Op::kIntAlu, {reg::kDouble}, {gpr(1)});
    alu(t(1), {t(1), reg::kDouble, amount}, Flags::kLogic);
    store(t(1), size(0), 1);
  } else {
    emit(Op::kIntAlu, {reg::kDouble}, {gpr(1)});
    alu(gpr(0), {gpr(0), reg::kDouble, amount}, Flags::kLogic);
  }
}

void Translator::multiply() {
  const int visible = instruction_.operand_count_visible;
  const auto product = [&](uint8_t a, uint8_t b) {
    emit(Op::kIntMult, {reg::kProductLow, reg::kProductHigh, reg::kCfof}, {a, b});
  };
  if (visible == 1) {
    uint8_t source = is_memory(0) ? t(1) : gpr(0);
    relative();
    if (is_memory(0)) load(t(1), size(0));
    product(reg::kRax, source);
    const bool merge = size(0) < 4;
    emit(Op::kIntAlu, {reg::kRax}, {reg::kProductLow, merge ? reg::kRax : kNone});
    const uint8_t top = size(0) == 1 ? reg::kRax : reg::kRdx;
    emit(Op::kIntAlu, {top}, {reg::kProductHigh, merge ? top : kNone});
    return;
  }
  const bool merge = size(0) < 4;
  if (visible == 3) {
    if (is_memory(1)) {
      relative();
      limm(t(1));
      load(t(2), size(1));
      product(t(2), t(1));
    } else {
      limm(t(1));
      product(gpr(1), t(1));
    }
  } else if (is_memory(1)) {
    relative();
    load(t(1), size(1));
    product(gpr(0), t(1));
  } else {
    product(gpr(0), gpr(1));
  }
  emit(Op::kIntAlu, {gpr(0)}, {reg::kProductLow, merge ? gpr(0) : kNone});
  emit(Op::kIntAlu, {}, {reg::kProductHigh});
}

// Division retires one bit of the quotient a step, four steps an iteration of its loop.
void Translator::divide(bool is_signed) {
  const int bytes = size(0);
  uint8_t divisor = is_memory(0) ? t(2) : gpr(0);
  uint8_t low = reg::kRax, high = bytes == 1 ? reg::kRax : reg::kRdx, count = t(1);
  // The last step of an iteration also writes the flag that the loop's branch reads; here the branch waits for the count.
  const auto step = [&] {
    emit(Op::kIntDiv, {reg::kRemainder, reg::kQuotient, count},
         {reg::kRemainder, reg::kDivisor, reg::kQuotient, low, count});
  };
  if (is_signed) {
    emit(Op::kIntAlu, {t(1), reg::kEcf}, {reg::kRax});
    emit(Op::kIntAlu, {t(4), reg::kEzf}, {reg::kZaps, reg::kCfof, reg::kDf, reg::kEcf, reg::kEzf});
    emit(Op::kIntAlu, {t(2)}, {high});
    emit(Op::kIntAlu, {t(2)}, {t(2), t(4)});
    relative();
    if (is_memory(0)) load(t(2), bytes);
    emit(Op::kIntAlu, {reg::kEcf}, {divisor});
    emit(Op::kIntAlu, {t(3)}, {divisor});
    conditional(t(3), {t(3), divisor});
    emit(Op::kIntAlu, {reg::kEcf}, {high});
    conditional(t(1), {t(1), reg::kRax});
    conditional(t(2), {t(2), high});
    emit(Op::kIntDiv, {reg::kRemainder, reg::kQuotient, reg::kDivisor}, {t(2), t(3)});
    low = t(1);
    count = t(4);
  } else {
    relative();
    if (is_memory(0)) load(t(2), bytes);
    emit(Op::kIntDiv, {reg::kRemainder, reg::kQuotient, reg::kDivisor}, {high, divisor});
  }
  emit(Op::kIntDiv, {reg::kRemainder, reg::kQuotient, count},
       {reg::kRemainder, reg::kDivisor, reg::kQuotient, low});
  step();
  decoded_.loop = Loop::kDivide;
  decoded_.loop_first = static_cast<uint8_t>(uops_.size() - first_);
  const int steps = bytes == 1 ? 2 : 4;
  for (int i = 0; i < steps; ++i) step();
  micro_branch();
  add_source(uops_.back(), count);
  decoded_.loop_count = static_cast<uint8_t>(steps + 1);
  decoded_.operand_bits = static_cast<uint8_t>(bytes * 8);
  if (is_signed) {
    emit(Op::kIntAlu, {t(5)}, {reg::kQuotient});
    emit(Op::kIntAlu, {t(6)}, {reg::kRemainder});
    emit(Op::kIntAlu, {t(4)}, {t(6)});
    conditional(high, {high, t(4)});
    conditional(high, {high, t(6)});
    emit(Op::kIntAlu, {t(4)}, {t(5)});
    conditional(t(5), {t(5), t(4)});
    emit(Op::kIntAlu, {reg::kEcf}, {divisor});
    emit(Op::kIntAlu, {t(4)}, {t(5)});
    conditional(reg::kRax, {reg::kRax, t(4)});
    conditional(reg::kRax, {reg::kRax, t(5)});
  } else {
    const bool merge = bytes < 4;
    emit(Op::kIntAlu, {reg::kRax}, {reg::kQuotient, merge ? reg::kRax : kNone});
    emit(Op::kIntAlu, {high}, {reg::kRemainder, merge ? high : kNone});
  }
}

// bt, and bts, btr, btc, which make a mask and apply it.
void Translator::bit_test(bool writes) {
  const uint8_t bit = is_register(1) ? gpr(1) : kNone;
  if (is_memory(0)) {
    relative();
    if (bit != kNone) {
      emit(Op::kIntAlu, {t(2)}, {bit});
      emit(Op::kIntAlu, {t(3)}, {t(2)});
      emit(Op::kIntAlu, {t(3)}, {t(3), base_});
    } else {
      limm(t(1));
    }
    if (writes) {
      limm(t(4));
      emit(Op::kIntAlu, {t(4)}, {t(4), bit});
    }
    load_at(t(1), 0, size(0), bit != kNone ? t(3) : base_, index_, false);
    alu(kNone, {t(1), bit}, Flags::kCarry);
    if (writes) {
      alu(t(1), {t(1), t(4)});
      store_at(t(1), 1, size(0), bit != kNone ? t(3) : base_, index_);
    }
    return;
  }
  alu(kNone, {gpr(0), bit}, Flags::kCarry);
  if (writes) {
    limm(t(1));
    emit(Op::kIntAlu, {t(1)}, {t(1), bit});
    alu(gpr(0), {gpr(0), t(1)});
  }
}

void Translator::bit_scan(bool forward) {
  const uint8_t destination = gpr(0);
  relative();
  mov(t(1), reg::kAlways);
  if (is_memory(1)) load(t(1), size(1));
  emit(Op::kIntAlu, {t(1), reg::kZaps}, {is_memory(1) ? t(1) : gpr(1), reg::kZaps});
  micro_branch();
  mov(destination, kNone);
  if (forward) {
    emit(Op::kIntAlu, {t(2)}, {t(1)});
    emit(Op::kIntAlu, {t(1)}, {t(1), t(2)});
  }
  for (int width = 32; width >= 1; width /= 2) {
    emit(Op::kIntAlu, {t(3), reg::kEzf}, {t(1)});
    emit(Op::kIntAlu, {t(4)}, {destination});
    conditional(destination, {destination, t(4)});
    if (width > 1) conditional(t(1), {t(1), t(3)});
  }
  if (!forward && !is_memory(1)) emit(Op::kNone, {}, {});
}

void Translator::set_condition() {
  relative();
  const uint8_t destination = is_memory(0) ? t(1) : gpr(0);
  conditional(destination, {destination});
  conditional(destination, {destination});
  if (is_memory(0)) store(t(1), 1);
}

void Translator::conditional_move() {
  relative();
  if (is_memory(1)) load(t(1), size(1));
  conditional(gpr(0), {gpr(0)});
  conditional(gpr(0), {gpr(0), is_memory(1) ? t(1) : gpr(1)});
}

void Translator::move() {
  const int bytes = size(0);
  if (is_memory(0)) {
    relative();
    if (is_immediate(1)) {
      limm(t(1), bytes < 4);
      store(t(1), bytes);
    } else {
      store(gpr(1), bytes);
    }
  } else if (is_memory(1)) {
    relative();
    load(gpr(0), bytes);
  } else if (is_immediate(1)) {
    limm(gpr(0), bytes < 4);
  } else {
    mov(gpr(0), gpr(1));
  }
}

// movsx, movzx, movsxd. Byte sources pass through t1.
void Translator::extend(bool wide_source) {
  const bool byte = size(1) == 1;
  const bool merge = size(0) < 4;
  if (is_memory(1)) {
    relative();
    load(t(1), size(1));
    emit(Op::kIntAlu, {gpr(0)}, {t(1), merge ? gpr(0) : kNone});
  } else if (byte && !wide_source) {
    mov(t(1), gpr(1));
    emit(Op::kIntAlu, {gpr(0)}, {t(1), merge ? gpr(0) : kNone});
  } else {
    emit(Op::kIntAlu, {gpr(0)}, {gpr(1), merge ? gpr(0) : kNone});
  }
}

void Translator::push() {
  uint8_t data;
  int access = 0;
  if (is_memory(0)) {
    relative();
    load(t(1), 8);
    data = t(1);
    access = 1;
  } else if (is_immediate(0)) {
    limm(t(1));
    data = t(1);
  } else {
    data = gpr(0);
  }
  store_at(data, access, 8, reg::kRsp, kNone);
  emit(Op::kIntAlu, {reg::kRsp}, {reg::kRsp});
}

void Translator::pop() {
  if (is_memory(0)) relative();
  load_at(t(1), 0, 8, reg::kRsp, kNone, false);
  if (is_memory(0)) {
    emit(Op::kIntAlu, {}, {base_, index_});
    emit(Op::kIntAlu, {reg::kRsp}, {reg::kRsp});
    store(t(1), 8, 1);
  } else {
    emit(Op::kIntAlu, {reg::kRsp}, {reg::kRsp});
    mov(gpr(0), t(1));
  }
}

void Translator::branch(Control control) {
  decoded_.control = control;
  if (is_immediate(0) && operands_[0].imm.is_relative)
    decoded_.target = address_ + instruction_.length + static_cast<uint64_t>(operands_[0].imm.value.s);
  uint8_t target = t(1);
  int access = 0;
  switch (control) {
    case Control::kConditional:
      rdip(t(1));
      limm(t(2));
      conditional(kNone, {t(1), t(2)});
      break;
    case Control::kJump:
      rdip(t(1));
      limm(t(2));
      emit(Op::kIntAlu, {}, {t(1), t(2)});
      break;
    case Control::kCall:
      limm(t(1));
      rdip(t(7));
      store_at(t(7), 0, 8, reg::kRsp, kNone);
      emit(Op::kIntAlu, {reg::kRsp}, {reg::kRsp});
      emit(Op::kIntAlu, {}, {t(7), t(1)});
      break;
    case Control::kIndirectJump:
      if (is_memory(0)) {
        relative();
        load(t(1), 8);
      } else {
        target = gpr(0);
      }
      emit(Op::kIntAlu, {}, {target});
      break;
    case Control::kIndirectCall:
      if (is_memory(0)) {
        rdip(t(7));
        load(t(1), 8);
        access = 1;
        store_at(t(7), access, 8, reg::kRsp, kNone);
      } else {
        target = gpr(0);
        rdip(t(1));
        store_at(t(1), 0, 8, reg::kRsp, kNone);
      }
      emit(Op::kIntAlu, {reg::kRsp}, {reg::kRsp});
      emit(Op::kIntAlu, {}, {target});
      break;
    case Control::kReturn:
      if (instruction_.operand_count_visible > 0) limm(t(2));
      load_at(t(1), 0, 8, reg::kRsp, kNone, false);
      emit(Op::kIntAlu, {reg::kRsp}, {reg::kRsp});
      if (instruction_.operand_count_visible > 0) emit(Op::kIntAlu, {reg::kRsp}, {reg::kRsp, t(2)});
      emit(Op::kIntAlu, {}, {t(1)});
      break;
    default:
      break;
  }
  uops_.back().flags |= Uop::kBranch;
}

// String instructions: the direction flag is turned into a step, then one iteration, or a loop of them.
void Translator::string(int loads, bool stores, bool compares) {
  const bool repeat =
      (instruction_.attributes & (ZYDIS_ATTRIB_HAS_REP | ZYDIS_ATTRIB_HAS_REPE | ZYDIS_ATTRIB_HAS_REPNE)) != 0;
  const int bytes = instruction_.operand_width / 8;
  const bool scans = compares && loads == 1;
  const uint8_t step = scans ? t(2) : t(3), temporary = scans ? t(3) : t(4);
  if (repeat) {
    emit(Op::kIntAlu, {reg::kEzf}, {reg::kRcx});
    micro_branch();
  }
  emit(Op::kIntAlu, {reg::kEzf}, {reg::kZaps, reg::kCfof, reg::kDf, reg::kEcf, reg::kEzf});
  conditional(step, {step});
  emit(Op::kIntAlu, {temporary}, {});
  conditional(step, {step, temporary});
  const size_t body = uops_.size();
  int access = 0;
  const bool from_si = !scans && loads > 0;
  if (loads > 0) {
    const bool lods = loads == 1 && !stores && !compares;
    load_at(lods ? reg::kRax : t(1), access++, bytes, from_si ? reg::kRsi : reg::kRdi, kNone, bytes < 4);
  }
  if (loads > 1) load_at(t(2), access++, bytes, reg::kRdi, kNone, bytes < 4);
  if (stores) store_at(loads > 0 ? t(1) : reg::kRax, access++, bytes, reg::kRdi, kNone);
  if (compares) alu(kNone, {t(1), loads > 1 ? t(2) : reg::kRax}, Flags::kAll);
  if (repeat) emit(Op::kIntAlu, {reg::kRcx, reg::kEzf}, {reg::kRcx});
  if (stores || compares) emit(Op::kIntAlu, {reg::kRdi}, {reg::kRdi, step});
  if (from_si) emit(Op::kIntAlu, {reg::kRsi}, {reg::kRsi, step});
  if (repeat) {
    micro_branch();
    decoded_.loop = Loop::kRepeat;
    decoded_.loop_first = static_cast<uint8_t>(body - first_);
    decoded_.loop_count = static_cast<uint8_t>(uops_.size() - body);
    decoded_.loop_accesses = static_cast<uint8_t>(access);
    emit(Op::kNone, {}, {});
  }
}

// 16-byte moves: two halves, each of 8 bytes.
void Translator::vector_move(bool high_first) {
  relative();
  if (is_memory(0)) {
    if (high_first) store(high(1), 8, 1);
    store(low(1), 8, 0);
    if (!high_first) store(high(1), 8, 1);
  } else if (is_memory(1)) {
    if (high_first) load(high(0), 8, 1);
    load(low(0), 8, 0);
    if (!high_first) load(high(0), 8, 1);
  } else {
    movfp(low(0), low(1));
    movfp(high(0), high(1));
  }
}

void Translator::packed(Op op, bool lea_first) {
  const bool mmx = is_mmx(0);
  if (is_memory(1)) {
    relative();
    uint8_t base = base_, index = index_;
    if (lea_first) {
      lea(t(1));
      base = t(1);
      index = kNone;
    }
    load_at(ufp(1), 0, 8, base, index, false);
    if (!mmx) load_at(ufp(2), 1, 8, base, index, false);
    emit(op, {low(0)}, {low(0), ufp(1)});
    if (!mmx) emit(op, {high(0)}, {high(0), ufp(2)});
  } else {
    emit(op, {low(0)}, {low(0), low(1)});
    if (!mmx) emit(op, {high(0)}, {high(0), high(1)});
  }
}

void Translator::scalar(Op op) {
  relative();
  if (is_memory(1)) load(ufp(1), 8);
  emit(op, {low(0)}, {low(0), is_memory(1) ? ufp(1) : low(1)});
}

void Translator::vector_shift() {
  uint8_t amount = kNone;
  if (is_memory(1)) {
    relative();
    load(ufp(1), 8);
    amount = ufp(1);
  } else if (is_register(1)) {
    amount = low(1);
  }
  emit(Op::kSimdShift, {is_mmx(0) ? low(0) : high(0)}, {is_mmx(0) ? low(0) : high(0), amount});
  if (!is_mmx(0)) emit(Op::kSimdShift, {low(0)}, {low(0), amount});
}

// pslldq and psrldq compare their constant in microcode.
void Translator::vector_bytes_shift() {
  const uint64_t amount = operands_[1].imm.value.u;
  limm(t(2));
  emit(Op::kIntAlu, {t(1), reg::kEcf}, {t(2)});
  micro_branch(amount < 8);
  if (amount < 8) {
    emit(Op::kSimdShift, {ufp(1)}, {ufp(1), high(0)});
    emit(Op::kSimdShift, {low(0)}, {low(0)});
    emit(Op::kSimdShift, {high(0)}, {high(0)});
    emit(Op::kSimdAlu, {low(0)}, {low(0), ufp(1)});
    return;
  }
  limm(t(2));
  emit(Op::kIntAlu, {t(1), reg::kEcf}, {t(2)});
  micro_branch(amount < 16);
  if (amount < 16) {
    emit(Op::kSimdShift, {low(0)}, {low(0), high(0)});
    lfpimm(high(0));
  } else {
    lfpimm(low(0));
    lfpimm(high(0));
  }
  micro_branch(true);
}

void Translator::unpack_low() {
  relative();
  const bool mmx = is_mmx(0);
  uint8_t source;
  if (is_memory(1)) {
    load(ufp(1), 8);
    source = ufp(1);
  } else {
    source = low(1);
  }
  if (!mmx) emit(Op::kSimdMisc, {high(0)}, {low(0), source});
  emit(Op::kSimdMisc, {low(0)}, {low(0), source});
}

void Translator::unpack_high() {
  relative();
  const bool mmx = is_mmx(0);
  uint8_t source;
  if (is_memory(1)) {
    if (!mmx) lea(t(1));
    load_at(ufp(1), 1, 8, mmx ? base_ : t(1), mmx ? index_ : kNone, false);
    source = ufp(1);
  } else {
    source = mmx ? low(1) : high(1);
  }
  if (mmx) {
    emit(Op::kSimdMisc, {low(0)}, {low(0), source});
    return;
  }
  emit(Op::kSimdMisc, {low(0)}, {high(0), source});
  emit(Op::kSimdMisc, {high(0)}, {high(0), source});
}

// x87: what moves the top of the stack is serialising. Register numbers are not followed round the stack: the
// machine is empty between two moves of the top.
void Translator::x87() {
  const auto top = [&](Uop& uop) { uop.flags |= Uop::kNonSpeculative | Uop::kSerializeAfter; };
  const uint8_t st0 = reg::kStack;
  uint8_t other = static_cast<uint8_t>(reg::kStack + 1);
  for (int i = 0; i < instruction_.operand_count_visible; ++i) {
    if (!is_register(i)) continue;
    const int n = operands_[i].reg.value - ZYDIS_REGISTER_ST0;
    if (n > 0 && n < 8) other = static_cast<uint8_t>(reg::kStack + n);
  }
  const int bytes = memory_ >= 0 ? size(memory_) : 0;
  const auto binary = [&](Op op, bool pops) {
    if (memory_ >= 0) {
      relative();
      load(ufp(1), bytes);
      emit(op, {st0}, {st0, ufp(1)});
      return;
    }
    const bool to_other = instruction_.operand_count_visible > 0 && is_register(0) &&
                          operands_[0].reg.value != ZYDIS_REGISTER_ST0;
    Uop& uop = emit(op, {to_other || pops ? other : st0}, {st0, other});
    if (pops) top(uop);
  };
  switch (instruction_.mnemonic) {
    case ZYDIS_MNEMONIC_FLD:
      if (memory_ < 0) {
        top(emit(Op::kIntAlu, {st0}, {other}));
      } else if (bytes == 10) {
        relative();
        load(t(1), 8, 0);
        load(t(2), 2, 1);
        top(emit(Op::kFloatAdd, {st0}, {t(1), t(2)}));
      } else {
        relative();
        load(ufp(1), bytes);
        top(emit(Op::kIntAlu, {st0}, {ufp(1)}));
      }
      break;
    case ZYDIS_MNEMONIC_FILD:
      relative();
      load(ufp(1), bytes);
      top(emit(Op::kIntAlu, {st0}, {ufp(1)}));
      break;
    case ZYDIS_MNEMONIC_FST:
      if (memory_ < 0) {
        emit(Op::kIntAlu, {other}, {st0});
      } else {
        relative();
        store(st0, bytes);
      }
      break;
    case ZYDIS_MNEMONIC_FSTP:
      if (memory_ < 0) {
        top(emit(Op::kIntAlu, {other}, {st0}));
      } else if (bytes == 10) {
        relative();
        emit(Op::kFloatCvt, {t(1)}, {st0});
        emit(Op::kFloatCvt, {t(2)}, {st0});
        store(t(1), 8, 0);
        store(t(2), 2, 1);
        top(emit(Op::kIntAlu, {}, {}));
      } else {
        emit(Op::kIntAlu, {ufp(1)}, {st0});
        relative();
        store(ufp(1), bytes);
        top(emit(Op::kIntAlu, {}, {}));
      }
      break;
    case ZYDIS_MNEMONIC_FLD1:
    case ZYDIS_MNEMONIC_FLDZ:
    case ZYDIS_MNEMONIC_FLDPI:
    case ZYDIS_MNEMONIC_FLDL2E:
    case ZYDIS_MNEMONIC_FLDL2T:
    case ZYDIS_MNEMONIC_FLDLG2:
    case ZYDIS_MNEMONIC_FLDLN2:
      lfpimm(ufp(1));
      top(emit(Op::kIntAlu, {st0}, {ufp(1)}));
      break;
    case ZYDIS_MNEMONIC_FXCH:
      emit(Op::kIntAlu, {ufp(1)}, {other});
      emit(Op::kIntAlu, {other}, {st0});
      emit(Op::kIntAlu, {st0}, {ufp(1)});
      break;
    case ZYDIS_MNEMONIC_FADD:
    case ZYDIS_MNEMONIC_FSUB:
      binary(Op::kFloatAdd, false);
      break;
    case ZYDIS_MNEMONIC_FMUL:
      binary(Op::kFloatMult, false);
      break;
    case ZYDIS_MNEMONIC_FDIV:
      binary(Op::kFloatDiv, false);
      break;
    case ZYDIS_MNEMONIC_FADDP:
    case ZYDIS_MNEMONIC_FSUBP:
      binary(Op::kFloatAdd, true);
      break;
    case ZYDIS_MNEMONIC_FMULP:
      binary(Op::kFloatMult, true);
      break;
    case ZYDIS_MNEMONIC_FDIVP:
      binary(Op::kFloatDiv, true);
      break;
    case ZYDIS_MNEMONIC_FABS:
    case ZYDIS_MNEMONIC_FCHS:
      top(emit(Op::kFloatAdd, {st0}, {st0}));
      break;
    case ZYDIS_MNEMONIC_FPREM:
    case ZYDIS_MNEMONIC_FPREM1:
      top(emit(Op::kFloatDiv, {st0}, {st0, other}));
      break;
    case ZYDIS_MNEMONIC_FSIN:
    case ZYDIS_MNEMONIC_FCOS:
      emit(Op::kFloatSqrt, {st0}, {st0});
      break;
    case ZYDIS_MNEMONIC_FYL2X:
      top(emit(Op::kFloatSqrt, {other}, {st0, other}));
      break;
    case ZYDIS_MNEMONIC_FUCOMI:
    case ZYDIS_MNEMONIC_FUCOMIP: {
      Uop& uop = emit(Op::kFloatCmp, {reg::kZaps, reg::kCfof}, {st0, other, reg::kZaps, reg::kCfof});
      if (instruction_.mnemonic == ZYDIS_MNEMONIC_FUCOMIP) top(uop);
      break;
    }
    case ZYDIS_MNEMONIC_FNSTCW:
      relative();
      emit(Op::kIntAlu, {t(1)}, {});
      store(t(1), 2);
      break;
    case ZYDIS_MNEMONIC_FLDCW:
      load(t(1), 2);
      top(emit(Op::kIntAlu, {}, {t(1)}));
      break;
    case ZYDIS_MNEMONIC_FNSTSW:
      emit(Op::kIntAlu, {t(1)}, {});
      if (memory_ >= 0) {
        store(t(1), 2);
      } else {
        mov(reg::kRax, t(1));
      }
      break;
    default:
      unimplemented();
  }
}

bool Translator::integer() {
  switch (instruction_.mnemonic) {
    case ZYDIS_MNEMONIC_ADD:
    case ZYDIS_MNEMONIC_SUB:
      arithmetic(Flags::kAll, true, false, false);
      return true;
    case ZYDIS_MNEMONIC_ADC:
    case ZYDIS_MNEMONIC_SBB:
      arithmetic(Flags::kAll, true, true, false);
      return true;
    case ZYDIS_MNEMONIC_AND:
    case ZYDIS_MNEMONIC_OR:
    case ZYDIS_MNEMONIC_XOR:
      arithmetic(Flags::kLogic, true, false, true);
      return true;
    case ZYDIS_MNEMONIC_CMP:
      arithmetic(Flags::kAll, false, false, true);
      return true;
    case ZYDIS_MNEMONIC_TEST:
      arithmetic(Flags::kLogic, false, false, false);
      return true;
    case ZYDIS_MNEMONIC_INC:
    case ZYDIS_MNEMONIC_DEC:
      unary(Flags::kNoCarry, false);
      return true;
    case ZYDIS_MNEMONIC_NEG:
      unary(Flags::kAll, false);
      return true;
    case ZYDIS_MNEMONIC_NOT:
      unary(Flags::kKeep, true);
      return true;
    case ZYDIS_MNEMONIC_SHL:
    case ZYDIS_MNEMONIC_SHR:
    case ZYDIS_MNEMONIC_SAR:
      shift(Flags::kLogic);
      return true;
    case ZYDIS_MNEMONIC_ROL:
    case ZYDIS_MNEMONIC_ROR:
      shift(Flags::kRotate);
      return true;
    case ZYDIS_MNEMONIC_RCL:
    case ZYDIS_MNEMONIC_RCR:
      shift(Flags::kCarry);
      return true;
    case ZYDIS_MNEMONIC_SHLD:
    case ZYDIS_MNEMONIC_SHRD:
      double_shift();
      return true;
    case ZYDIS_MNEMONIC_IMUL:
    case ZYDIS_MNEMONIC_MUL:
      multiply();
      return true;
    case ZYDIS_MNEMONIC_DIV:
      divide(false);
      return true;
    case ZYDIS_MNEMONIC_IDIV:
      divide(true);
      return true;
    case ZYDIS_MNEMONIC_BT:
      bit_test(false);
      return true;
    case ZYDIS_MNEMONIC_BTS:
    case ZYDIS_MNEMONIC_BTR:
    case ZYDIS_MNEMONIC_BTC:
      bit_test(true);
      return true;
    case ZYDIS_MNEMONIC_BSF:
    case ZYDIS_MNEMONIC_TZCNT:
      bit_scan(true);
      return true;
    case ZYDIS_MNEMONIC_BSR:
    case ZYDIS_MNEMONIC_LZCNT:
      bit_scan(false);
      return true;
    case ZYDIS_MNEMONIC_MOV:
      if (is_register(0) && gpr(0) == kNone) return false;
      if (is_register(1) && gpr(1) == kNone) return false;
      move();
      return true;
    case ZYDIS_MNEMONIC_MOVNTI:
      warning();
      move();
      return true;
    case ZYDIS_MNEMONIC_MOVZX:
      extend(false);
      return true;
    case ZYDIS_MNEMONIC_MOVSX:
      extend(false);
      return true;
    case ZYDIS_MNEMONIC_MOVSXD:
      extend(true);
      return true;
    case ZYDIS_MNEMONIC_LEA:
      relative();
      lea(gpr(0));
      return true;
    case ZYDIS_MNEMONIC_PUSH:
      if (is_register(0) && gpr(0) == kNone) return false;
      push();
      return true;
    case ZYDIS_MNEMONIC_POP:
      if (is_register(0) && gpr(0) == kNone) return false;
      pop();
      return true;
    case ZYDIS_MNEMONIC_LEAVE:
      mov(t(1), reg::kRbp);
      load_at(reg::kRbp, 0, 8, t(1), kNone, false);
      mov(reg::kRsp, t(1));
      emit(Op::kIntAlu, {reg::kRsp}, {reg::kRsp});
      return true;
    case ZYDIS_MNEMONIC_CDQE:
    case ZYDIS_MNEMONIC_CWDE:
    case ZYDIS_MNEMONIC_CBW:
      emit(Op::kIntAlu, {reg::kRax}, {reg::kRax});
      return true;
    case ZYDIS_MNEMONIC_CDQ:
    case ZYDIS_MNEMONIC_CQO:
    case ZYDIS_MNEMONIC_CWD:
      mov(reg::kRdx, reg::kRax);
      emit(Op::kIntAlu, {reg::kRdx}, {reg::kRdx});
      return true;
    case ZYDIS_MNEMONIC_BSWAP:
      if (instruction_.operand_width == 64) {
        emit(Op::kIntAlu, {gpr(0)}, {gpr(0)});
        for (int i = 0; i < 3; ++i) emit(Op::kIntAlu, {t(1)}, {t(1), gpr(0)});
        emit(Op::kIntAlu, {t(2)}, {gpr(0)});
        for (int i = 0; i < 3; ++i) emit(Op::kIntAlu, {t(2)}, {t(2)});
        emit(Op::kIntAlu, {gpr(0)}, {t(1), t(2)});
      } else {
        for (int i = 0; i < 3; ++i) emit(Op::kIntAlu, {gpr(0)}, {gpr(0)});
      }
      return true;
    case ZYDIS_MNEMONIC_XCHG:
      if (memory_ >= 0) {
        const uint8_t r = is_register(0) ? gpr(0) : gpr(1);
        relative();
        fence();
        load(t(1), size(memory_)).flags |= Uop::kNonSpeculative;
        store(r, size(memory_), 1);
        fence();
        mov(r, t(1));
      } else {
        emit(Op::kIntAlu, {gpr(0)}, {gpr(0), gpr(1)});
        emit(Op::kIntAlu, {gpr(1)}, {gpr(0), gpr(1)});
        emit(Op::kIntAlu, {gpr(0)}, {gpr(0), gpr(1)});
      }
      return true;
    case ZYDIS_MNEMONIC_CMPXCHG: {
      const bool locked = (instruction_.attributes & ZYDIS_ATTRIB_HAS_LOCK) != 0;
      if (is_memory(0)) {
        relative();
        if (locked) fence();
        Uop& read = load(t(1), size(0));
        if (locked) read.flags |= Uop::kNonSpeculative;
        alu(kNone, {reg::kRax, t(1)}, Flags::kAll);
        conditional(t(1), {t(1), gpr(1)});
        store(t(1), size(0), 1);
        if (locked) fence();
        conditional(reg::kRax, {reg::kRax, t(1)});
      } else {
        alu(kNone, {reg::kRax, gpr(0)}, Flags::kAll);
        conditional(gpr(0), {gpr(0), gpr(1)});
        conditional(reg::kRax, {reg::kRax, gpr(0)});
      }
      return true;
    }
    case ZYDIS_MNEMONIC_XADD: {
      const bool locked = (instruction_.attributes & ZYDIS_ATTRIB_HAS_LOCK) != 0;
      if (is_memory(0)) {
        relative();
        if (locked) fence();
        Uop& read = load(t(1), size(0));
        if (locked) read.flags |= Uop::kNonSpeculative;
        alu(t(2), {t(1), gpr(1)}, Flags::kAll);
        store(t(2), size(0), 1);
        if (locked) fence();
        mov(gpr(1), t(1));
      } else {
        alu(t(2), {gpr(0), gpr(1)}, Flags::kAll);
        mov(gpr(0), gpr(1));
        mov(gpr(1), t(2));
      }
      return true;
    }
    case ZYDIS_MNEMONIC_JMP:
      branch(is_immediate(0) ? Control::kJump : Control::kIndirectJump);
      return true;
    case ZYDIS_MNEMONIC_CALL:
      branch(is_immediate(0) ? Control::kCall : Control::kIndirectCall);
      return true;
    case ZYDIS_MNEMONIC_RET:
      branch(Control::kReturn);
      return true;
    case ZYDIS_MNEMONIC_LOOP:
    case ZYDIS_MNEMONIC_LOOPE:
    case ZYDIS_MNEMONIC_LOOPNE:
      emit(Op::kIntAlu, {reg::kRcx, reg::kEzf}, {reg::kRcx});
      branch(Control::kConditional);
      return true;
    case ZYDIS_MNEMONIC_SYSCALL:
      decoded_.control = Control::kSystem;
      emit(Op::kNone, {}, {}).flags = Uop::kTrap;
      return true;
    case ZYDIS_MNEMONIC_NOP:
    case ZYDIS_MNEMONIC_ENDBR64:
    case ZYDIS_MNEMONIC_PAUSE:
      emit(Op::kNone, {}, {});
      return true;
    case ZYDIS_MNEMONIC_PREFETCH:
    case ZYDIS_MNEMONIC_PREFETCHT0:
    case ZYDIS_MNEMONIC_PREFETCHW:
      relative();
      emit(Op::kNone, {}, {base_, index_});
      return true;
    case ZYDIS_MNEMONIC_MFENCE:
      fence();
      return true;
    case ZYDIS_MNEMONIC_LFENCE:
      emit(Op::kNone, {}, {}).flags = Uop::kSerializeAfter;
      return true;
    case ZYDIS_MNEMONIC_SFENCE:
      emit(Op::kNone, {}, {}).flags = Uop::kNonSpeculative | Uop::kStoreBarrier;
      return true;
    case ZYDIS_MNEMONIC_CPUID:
      emit(Op::kIntAlu, {reg::kRax, reg::kRbx, reg::kRcx}, {reg::kRax, reg::kRcx}).flags = Uop::kSerializeAfter;
      return true;
    case ZYDIS_MNEMONIC_RDTSC:
      emit(Op::kIntAlu, {t(1)}, {}).flags = Uop::kSerializeBefore;
      mov(reg::kRax, t(1));
      emit(Op::kIntAlu, {reg::kRdx}, {t(1)});
      return true;
    case ZYDIS_MNEMONIC_CLD:
    case ZYDIS_MNEMONIC_STD:
      conditional(t(1), {});
      limm(t(2));
      emit(Op::kIntAlu, {t(1)}, {t(1), t(2)});
      emit(Op::kIntAlu, {reg::kZaps, reg::kCfof, reg::kDf}, {t(1)});
      return true;
    case ZYDIS_MNEMONIC_CLC:
    case ZYDIS_MNEMONIC_STC:
    case ZYDIS_MNEMONIC_CMC:
      conditional(t(1), {});
      if (instruction_.mnemonic != ZYDIS_MNEMONIC_CMC) emit(Op::kIntAlu, {t(2)}, {t(1)});
      emit(Op::kIntAlu, {reg::kZaps, reg::kCfof, reg::kDf}, {t(1), t(2)});
      return true;
    case ZYDIS_MNEMONIC_XLAT:
      emit(Op::kIntAlu, {t(1)}, {reg::kRax});
      load_at(reg::kRax, 0, 1, reg::kRbx, t(1), true);
      return true;
    case ZYDIS_MNEMONIC_MOVSB:
    case ZYDIS_MNEMONIC_MOVSW:
    case ZYDIS_MNEMONIC_MOVSQ:
      string(1, true, false);
      return true;
    case ZYDIS_MNEMONIC_STOSB:
    case ZYDIS_MNEMONIC_STOSW:
    case ZYDIS_MNEMONIC_STOSD:
    case ZYDIS_MNEMONIC_STOSQ:
      string(0, true, false);
      return true;
    case ZYDIS_MNEMONIC_LODSB:
    case ZYDIS_MNEMONIC_LODSW:
    case ZYDIS_MNEMONIC_LODSD:
    case ZYDIS_MNEMONIC_LODSQ:
      string(1, false, false);
      return true;
    case ZYDIS_MNEMONIC_SCASB:
    case ZYDIS_MNEMONIC_SCASW:
    case ZYDIS_MNEMONIC_SCASD:
    case ZYDIS_MNEMONIC_SCASQ:
      string(1, false, true);
      return true;
    case ZYDIS_MNEMONIC_CMPSB:
    case ZYDIS_MNEMONIC_CMPSW:
    case ZYDIS_MNEMONIC_CMPSQ:
      string(2, false, true);
      return true;
    default:
      break;
  }
  switch (instruction_.meta.category) {
    case ZYDIS_CATEGORY_COND_BR:
      branch(Control::kConditional);
      return true;
    case ZYDIS_CATEGORY_SETCC:
      set_condition();
      return true;
    case ZYDIS_CATEGORY_CMOV:
      conditional_move();
      return true;
    default:
      return false;
  }
}

bool Translator::vector() {
  const bool to_memory = instruction_.operand_count_visible > 0 && is_memory(0);
  const bool from_memory = instruction_.operand_count_visible > 1 && is_memory(1);
  switch (instruction_.mnemonic) {
    case ZYDIS_MNEMONIC_MOVAPS:
      vector_move(memory_ >= 0);
      return true;
    case ZYDIS_MNEMONIC_MOVAPD:
    case ZYDIS_MNEMONIC_MOVUPS:
    case ZYDIS_MNEMONIC_MOVUPD:
    case ZYDIS_MNEMONIC_MOVDQA:
    case ZYDIS_MNEMONIC_MOVDQU:
    case ZYDIS_MNEMONIC_LDDQU:
      vector_move(false);
      return true;
    case ZYDIS_MNEMONIC_MOVNTDQ:
    case ZYDIS_MNEMONIC_MOVNTPS:
    case ZYDIS_MNEMONIC_MOVNTPD:
      warning();
      relative();
      emit(Op::kStore, {}, {base_, index_}).bytes = 0;
      store(low(1), 8, 0);
      store(high(1), 8, 1);
      return true;
    case ZYDIS_MNEMONIC_MOVQ:
    case ZYDIS_MNEMONIC_MOVD:
      relative();
      if (to_memory) {
        store(low(1), size(0));
      } else if (is_vector(0) || is_mmx(0)) {
        if (from_memory) {
          load(low(0), size(1));
        } else if (is_vector(1) || is_mmx(1)) {
          movfp(low(0), low(1));
        } else {
          emit(Op::kSimdMisc, {low(0)}, {low(0), gpr(1)});
        }
        if (is_vector(0)) lfpimm(high(0));
      } else {
        emit(Op::kSimdMisc, {gpr(0)}, {gpr(0), low(1)});
      }
      return true;
    case ZYDIS_MNEMONIC_MOVSS:
      relative();
      if (to_memory) {
        store(low(1), 4);
      } else if (from_memory) {
        lfpimm(low(0));
        lfpimm(high(0));
        load(low(0), 4);
      } else {
        movfp(low(0), low(1));
      }
      return true;
    case ZYDIS_MNEMONIC_MOVSD:
      if (!is_vector(0) && !(instruction_.operand_count_visible > 1 && is_vector(1))) {
        string(1, true, false);
        return true;
      }
      relative();
      if (to_memory) {
        store(low(1), 8);
      } else if (from_memory) {
        lfpimm(high(0));
        load(low(0), 8);
      } else {
        movfp(low(0), low(1));
      }
      return true;
    case ZYDIS_MNEMONIC_CMPSD:
      if (!is_vector(0)) {
        string(2, false, true);
        return true;
      }
      scalar(Op::kSimdFloatCvt);
      return true;
    case ZYDIS_MNEMONIC_MOVLPS:
    case ZYDIS_MNEMONIC_MOVLPD:
      relative();
      if (to_memory) {
        store(low(1), 8);
      } else {
        load(low(0), 8);
      }
      return true;
    case ZYDIS_MNEMONIC_MOVHPS:
    case ZYDIS_MNEMONIC_MOVHPD:
      relative();
      if (to_memory) {
        store(high(1), 8);
      } else {
        load(high(0), 8);
      }
      return true;
    case ZYDIS_MNEMONIC_MOVHLPS:
      movfp(low(0), high(1));
      return true;
    case ZYDIS_MNEMONIC_MOVLHPS:
      movfp(high(0), low(1));
      return true;
    case ZYDIS_MNEMONIC_PUNPCKLQDQ:
    case ZYDIS_MNEMONIC_UNPCKLPD:
      relative();
      if (from_memory) {
        load(high(0), 8);
      } else {
        movfp(high(0), low(1));
      }
      return true;
    case ZYDIS_MNEMONIC_PUNPCKHQDQ:
    case ZYDIS_MNEMONIC_UNPCKHPD:
      relative();
      if (from_memory) {
        lea(t(1));
        load_at(ufp(1), 1, 8, t(1), kNone, false);
      }
      movfp(low(0), high(0));
      movfp(high(0), from_memory ? ufp(1) : high(1));
      return true;
    case ZYDIS_MNEMONIC_PUNPCKLBW:
    case ZYDIS_MNEMONIC_PUNPCKLWD:
    case ZYDIS_MNEMONIC_PUNPCKLDQ:
    case ZYDIS_MNEMONIC_UNPCKLPS:
      unpack_low();
      return true;
    case ZYDIS_MNEMONIC_PUNPCKHBW:
    case ZYDIS_MNEMONIC_PUNPCKHWD:
    case ZYDIS_MNEMONIC_PUNPCKHDQ:
    case ZYDIS_MNEMONIC_UNPCKHPS:
      unpack_high();
      return true;
    case ZYDIS_MNEMONIC_MOVMSKPS:
    case ZYDIS_MNEMONIC_MOVMSKPD:
    case ZYDIS_MNEMONIC_PMOVMSKB:
      limm(gpr(0));
      emit(Op::kSimdMisc, {gpr(0)}, {gpr(0), low(1)});
      if (is_vector(1)) emit(Op::kSimdMisc, {gpr(0)}, {gpr(0), high(1)});
      return true;
    case ZYDIS_MNEMONIC_PXOR:
    case ZYDIS_MNEMONIC_POR:
    case ZYDIS_MNEMONIC_PAND:
    case ZYDIS_MNEMONIC_PANDN:
    case ZYDIS_MNEMONIC_ORPS:
    case ZYDIS_MNEMONIC_ORPD:
    case ZYDIS_MNEMONIC_ANDPS:
    case ZYDIS_MNEMONIC_ANDPD:
    case ZYDIS_MNEMONIC_ANDNPS:
    case ZYDIS_MNEMONIC_ANDNPD:
      packed(Op::kSimdAlu, !is_mmx(0));
      return true;
    case ZYDIS_MNEMONIC_XORPS:
    case ZYDIS_MNEMONIC_XORPD:
      packed(Op::kSimdAlu);
      return true;
    case ZYDIS_MNEMONIC_PADDB:
    case ZYDIS_MNEMONIC_PADDW:
    case ZYDIS_MNEMONIC_PADDD:
    case ZYDIS_MNEMONIC_PADDQ:
    case ZYDIS_MNEMONIC_PADDUSB:
    case ZYDIS_MNEMONIC_PADDUSW:
    case ZYDIS_MNEMONIC_PADDSB:
    case ZYDIS_MNEMONIC_PADDSW:
    case ZYDIS_MNEMONIC_PSUBB:
    case ZYDIS_MNEMONIC_PSUBW:
    case ZYDIS_MNEMONIC_PSUBD:
    case ZYDIS_MNEMONIC_PSUBQ:
    case ZYDIS_MNEMONIC_PSUBUSB:
    case ZYDIS_MNEMONIC_PSUBUSW:
    case ZYDIS_MNEMONIC_PSUBSB:
    case ZYDIS_MNEMONIC_PSUBSW:
    case ZYDIS_MNEMONIC_PAVGB:
    case ZYDIS_MNEMONIC_PAVGW:
    case ZYDIS_MNEMONIC_PSADBW:
      packed(Op::kSimdAdd);
      return true;
    case ZYDIS_MNEMONIC_PMINUB:
    case ZYDIS_MNEMONIC_PMINSW:
    case ZYDIS_MNEMONIC_PMAXUB:
    case ZYDIS_MNEMONIC_PMAXSW:
      packed(Op::kSimdCmp);
      return true;
    case ZYDIS_MNEMONIC_PCMPEQB:
    case ZYDIS_MNEMONIC_PCMPEQW:
    case ZYDIS_MNEMONIC_PCMPEQD:
    case ZYDIS_MNEMONIC_PCMPGTB:
    case ZYDIS_MNEMONIC_PCMPGTW:
    case ZYDIS_MNEMONIC_PCMPGTD:
      packed(Op::kSimdCvt);
      return true;
    case ZYDIS_MNEMONIC_PMULLW:
    case ZYDIS_MNEMONIC_PMULHW:
    case ZYDIS_MNEMONIC_PMULHUW:
    case ZYDIS_MNEMONIC_PMULUDQ:
      packed(Op::kSimdMult);
      return true;
    case ZYDIS_MNEMONIC_PMADDWD: {
      relative();
      if (from_memory) {
        load(ufp(1), 8, 0);
        load(ufp(2), 8, 1);
      }
      for (int half = 0; half < 2; ++half) {
        const uint8_t d = half ? high(0) : low(0);
        const uint8_t s = from_memory ? ufp(1 + half) : (half ? high(1) : low(1));
        emit(Op::kSimdMult, {ufp(3)}, {ufp(3), d, s});
        emit(Op::kSimdMult, {ufp(4)}, {ufp(4), d, s});
        emit(Op::kSimdAdd, {d}, {d, ufp(3), ufp(4)});
      }
      return true;
    }
    case ZYDIS_MNEMONIC_PSLLW:
    case ZYDIS_MNEMONIC_PSLLD:
    case ZYDIS_MNEMONIC_PSLLQ:
    case ZYDIS_MNEMONIC_PSRLW:
    case ZYDIS_MNEMONIC_PSRLD:
    case ZYDIS_MNEMONIC_PSRLQ:
    case ZYDIS_MNEMONIC_PSRAW:
    case ZYDIS_MNEMONIC_PSRAD:
      vector_shift();
      return true;
    case ZYDIS_MNEMONIC_PSLLDQ:
    case ZYDIS_MNEMONIC_PSRLDQ:
      vector_bytes_shift();
      return true;
    case ZYDIS_MNEMONIC_PSHUFD:
    case ZYDIS_MNEMONIC_SHUFPS:
    case ZYDIS_MNEMONIC_SHUFPD: {
      relative();
      const bool two = instruction_.mnemonic != ZYDIS_MNEMONIC_PSHUFD;
      uint8_t a = from_memory ? ufp(1) : low(1), b = from_memory ? ufp(2) : high(1);
      if (from_memory) {
        load(ufp(1), 8, 0);
        load(ufp(2), 8, 1);
        emit(Op::kSimdMisc, {low(0)}, {two ? low(0) : a, two ? high(0) : b});
        emit(Op::kSimdMisc, {high(0)}, {a, b});
      } else {
        emit(Op::kSimdMisc, {ufp(1)}, {two ? low(0) : a, two ? high(0) : b});
        emit(Op::kSimdMisc, {high(0)}, {a, b});
        movfp(low(0), ufp(1));
      }
      return true;
    }
    case ZYDIS_MNEMONIC_PSHUFLW:
    case ZYDIS_MNEMONIC_PSHUFHW: {
      relative();
      const bool upper = instruction_.mnemonic == ZYDIS_MNEMONIC_PSHUFHW;
      if (from_memory) load(ufp(1), 8, upper);
      emit(Op::kSimdMisc, {upper ? high(0) : low(0)}, {from_memory ? ufp(1) : (upper ? high(1) : low(1))});
      return true;
    }
    case ZYDIS_MNEMONIC_PACKSSWB:
    case ZYDIS_MNEMONIC_PACKSSDW:
    case ZYDIS_MNEMONIC_PACKUSWB:
      relative();
      if (from_memory) {
        load(ufp(1), 8, 0);
        load(ufp(2), 8, 1);
        emit(Op::kSimdMisc, {low(0)}, {low(0), high(0)});
        emit(Op::kSimdMisc, {high(0)}, {ufp(1), ufp(2)});
      } else {
        emit(Op::kSimdMisc, {ufp(1)}, {low(0), high(0)});
        emit(Op::kSimdMisc, {high(0)}, {low(1), high(1)});
        movfp(low(0), ufp(1));
      }
      return true;
    case ZYDIS_MNEMONIC_PEXTRW:
      emit(Op::kSimdMisc, {gpr(0)}, {gpr(0), low(1)});
      emit(Op::kSimdMisc, {gpr(0)}, {gpr(0), high(1)});
      return true;
    case ZYDIS_MNEMONIC_PINSRW: {
      relative();
      if (from_memory) load(t(1), 2);
      const uint8_t s = from_memory ? t(1) : gpr(1);
      emit(Op::kSimdMisc, {low(0)}, {low(0), s});
      emit(Op::kSimdMisc, {high(0)}, {high(0), s});
      return true;
    }
    case ZYDIS_MNEMONIC_ADDSS:
    case ZYDIS_MNEMONIC_ADDSD:
    case ZYDIS_MNEMONIC_SUBSS:
    case ZYDIS_MNEMONIC_SUBSD:
      scalar(Op::kSimdFloatAdd);
      return true;
    case ZYDIS_MNEMONIC_MULSS:
    case ZYDIS_MNEMONIC_MULSD:
      scalar(Op::kSimdFloatMult);
      return true;
    case ZYDIS_MNEMONIC_DIVSS:
    case ZYDIS_MNEMONIC_DIVSD:
      scalar(Op::kSimdFloatDiv);
      return true;
    case ZYDIS_MNEMONIC_SQRTSS:
    case ZYDIS_MNEMONIC_SQRTSD:
      scalar(Op::kSimdFloatSqrt);
      return true;
    case ZYDIS_MNEMONIC_MINSS:
    case ZYDIS_MNEMONIC_MINSD:
    case ZYDIS_MNEMONIC_MAXSS:
    case ZYDIS_MNEMONIC_MAXSD:
      scalar(Op::kSimdFloatCmp);
      return true;
    case ZYDIS_MNEMONIC_RCPSS:
      scalar(Op::kSimdFloatAlu);
      return true;
    case ZYDIS_MNEMONIC_CMPSS:
      scalar(Op::kSimdFloatCvt);
      return true;
    case ZYDIS_MNEMONIC_CVTSS2SD:
    case ZYDIS_MNEMONIC_CVTSD2SS:
      scalar(Op::kSimdFloatCvt);
      return true;
    case ZYDIS_MNEMONIC_UCOMISS:
    case ZYDIS_MNEMONIC_UCOMISD:
    case ZYDIS_MNEMONIC_COMISS:
    case ZYDIS_MNEMONIC_COMISD:
      relative();
      if (from_memory) load(ufp(1), 8);
      emit(Op::kSimdFloatCvt, {reg::kZaps, reg::kCfof},
           {low(0), from_memory ? ufp(1) : low(1), reg::kZaps, reg::kCfof});
      return true;
    case ZYDIS_MNEMONIC_CVTSI2SS:
    case ZYDIS_MNEMONIC_CVTSI2SD:
      relative();
      if (from_memory) {
        load(ufp(1), 8);
      } else {
        emit(Op::kSimdMisc, {ufp(1)}, {ufp(1), gpr(1)});
      }
      emit(Op::kSimdFloatCvt, {low(0)}, {low(0), ufp(1)});
      return true;
    case ZYDIS_MNEMONIC_CVTSS2SI:
    case ZYDIS_MNEMONIC_CVTSD2SI:
    case ZYDIS_MNEMONIC_CVTTSS2SI:
    case ZYDIS_MNEMONIC_CVTTSD2SI:
      relative();
      if (from_memory) load(ufp(1), 8);
      emit(Op::kSimdFloatCvt, {ufp(1)}, {ufp(1), from_memory ? kNone : low(1)});
      emit(Op::kSimdMisc, {gpr(0)}, {gpr(0), ufp(1)});
      return true;
    case ZYDIS_MNEMONIC_ADDPS:
    case ZYDIS_MNEMONIC_ADDPD:
    case ZYDIS_MNEMONIC_SUBPS:
    case ZYDIS_MNEMONIC_SUBPD:
    case ZYDIS_MNEMONIC_ADDSUBPD:
      packed(Op::kSimdFloatAdd);
      return true;
    case ZYDIS_MNEMONIC_MULPS:
    case ZYDIS_MNEMONIC_MULPD:
      packed(Op::kSimdFloatMult);
      return true;
    case ZYDIS_MNEMONIC_DIVPS:
    case ZYDIS_MNEMONIC_DIVPD:
      packed(Op::kSimdFloatDiv);
      return true;
    case ZYDIS_MNEMONIC_SQRTPS:
    case ZYDIS_MNEMONIC_SQRTPD:
      packed(Op::kSimdFloatSqrt);
      return true;
    case ZYDIS_MNEMONIC_MINPS:
    case ZYDIS_MNEMONIC_MINPD:
    case ZYDIS_MNEMONIC_MAXPS:
    case ZYDIS_MNEMONIC_MAXPD:
      packed(Op::kSimdFloatCmp);
      return true;
    case ZYDIS_MNEMONIC_RCPPS:
      packed(Op::kSimdFloatAlu);
      return true;
    case ZYDIS_MNEMONIC_CMPPS:
    case ZYDIS_MNEMONIC_CMPPD:
    case ZYDIS_MNEMONIC_CVTDQ2PS:
    case ZYDIS_MNEMONIC_CVTPS2DQ:
    case ZYDIS_MNEMONIC_CVTTPS2DQ:
      packed(Op::kSimdFloatCvt);
      return true;
    case ZYDIS_MNEMONIC_CVTDQ2PD:
    case ZYDIS_MNEMONIC_CVTPS2PD: {
      relative();
      if (from_memory) load(ufp(1), 8);
      const uint8_t s = from_memory ? ufp(1) : low(1);
      emit(Op::kSimdFloatCvt, {high(0)}, {high(0), s});
      emit(Op::kSimdFloatCvt, {low(0)}, {low(0), s});
      return true;
    }
    case ZYDIS_MNEMONIC_CVTPD2PS:
    case ZYDIS_MNEMONIC_CVTPD2DQ:
    case ZYDIS_MNEMONIC_CVTTPD2DQ:
      relative();
      if (from_memory) {
        load(ufp(1), 8, 0);
        load(ufp(2), 8, 1);
      }
      emit(Op::kSimdFloatCvt, {low(0)}, {low(0), from_memory ? ufp(1) : low(1)});
      emit(Op::kSimdFloatCvt, {low(0)}, {low(0), from_memory ? ufp(2) : high(1)});
      lfpimm(high(0));
      return true;
    case ZYDIS_MNEMONIC_HADDPD:
    case ZYDIS_MNEMONIC_HSUBPD:
      emit(Op::kSimdFloatAdd, {ufp(1)}, {ufp(1), low(0), high(0)});
      emit(Op::kSimdFloatAdd, {high(0)}, {high(0), low(1), high(1)});
      movfp(low(0), ufp(1));
      return true;
    case ZYDIS_MNEMONIC_MOVDDUP:
      relative();
      if (from_memory) {
        load(low(0), 8);
        load(high(0), 8);
      } else {
        movfp(low(0), low(1));
        movfp(high(0), low(1));
      }
      return true;
    case ZYDIS_MNEMONIC_LDMXCSR:
      relative();
      load(t(1), 4);
      emit(Op::kIntAlu, {}, {t(1)}).flags = Uop::kNonSpeculative | Uop::kSerializeAfter;
      return true;
    case ZYDIS_MNEMONIC_STMXCSR:
      relative();
      emit(Op::kIntAlu, {t(1)}, {});
      store(t(1), 4);
      return true;
    default:
      return false;
  }
}

Decoded Translator::run() {
  decoded_.address = address_;
  decoded_.size = instruction_.length;
  decoded_.first = static_cast<uint32_t>(first_);
  if (instruction_.meta.isa_ext == ZYDIS_ISA_EXT_X87) {
    x87();
  } else if (!vector() && !integer()) {
    unimplemented();
  }
  decoded_.count = static_cast<uint16_t>(uops_.size() - first_);
  decoded_.plain = decoded_.control == Control::kNone && decoded_.loop == Loop::kNone &&
                   std::none_of(uops_.begin() + static_cast<std::ptrdiff_t>(first_), uops_.end(),
                                [](const Uop& uop) { return (uop.flags & (Uop::kBranch | Uop::kTrap)) != 0; });
  decoded_.memory = std::any_of(operands_, operands_ + instruction_.operand_count, [](const ZydisDecodedOperand& operand) {
    return operand.type == ZYDIS_OPERAND_TYPE_MEMORY && operand.mem.type != ZYDIS_MEMOP_TYPE_AGEN;
  });
  return decoded_;
}

Effect effect_of(uint64_t address, const ZydisDecodedInstruction& instruction, const ZydisDecodedOperand* operands) {
  Effect effect;
  const auto general = [](ZydisRegister r) -> uint8_t {
    const ZydisRegister full = ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64, r);
    return full >= ZYDIS_REGISTER_RAX && full <= ZYDIS_REGISTER_R15 ? static_cast<uint8_t>(full - ZYDIS_REGISTER_RAX)
                                                                      : Effect::kNo;
  };
  for (int i = 0; i < instruction.operand_count; ++i) {
    const ZydisDecodedOperand& operand = operands[i];
    const bool explicit_operand = i < instruction.operand_count_visible;
    if (operand.type == ZYDIS_OPERAND_TYPE_MEMORY && (operand.mem.base != ZYDIS_REGISTER_RSP || explicit_operand)) {
      const bool accesses = operand.mem.type == ZYDIS_MEMOP_TYPE_MEM;
      const bool relative = operand.mem.base == ZYDIS_REGISTER_RIP;
      effect.base = relative ? Effect::kNo : general(operand.mem.base);
      effect.index = general(operand.mem.index);
      effect.scale = operand.mem.scale;
      effect.displacement = operand.mem.disp.value;
      if (relative) effect.displacement += static_cast<int64_t>(address + instruction.length);
      effect.reads = accesses && (operand.actions & ZYDIS_OPERAND_ACTION_MASK_READ) != 0 &&
                     operand.mem.segment != ZYDIS_REGISTER_FS && operand.mem.segment != ZYDIS_REGISTER_GS;
      effect.writes = accesses && (operand.actions & ZYDIS_OPERAND_ACTION_MASK_WRITE) != 0;
      effect.load_bytes = static_cast<uint8_t>(operand.size / 8);
    }
    if (operand.type == ZYDIS_OPERAND_TYPE_REGISTER && (operand.actions & ZYDIS_OPERAND_ACTION_MASK_WRITE) != 0) {
      const uint8_t r = general(operand.reg.value);
      if (r != Effect::kNo) effect.killed |= static_cast<uint16_t>(1u << r);
    }
  }
  using Kind = Effect::Kind;
  if (instruction.cpu_flags != nullptr) {
    const ZydisAccessedFlags& f = *instruction.cpu_flags;
    effect.flags = ((f.modified | f.set_0 | f.set_1 | f.undefined) & ~ZYDIS_CPUFLAG_DF) != 0;
  }
  const bool map0f = instruction.opcode_map == ZYDIS_OPCODE_MAP_0F;
  const auto is = [&](uint8_t row) { return map0f && (instruction.opcode & 0xf0) == row; };
  Kind kind = Kind::kUnknown;
  bool compares = false;
  switch (instruction.mnemonic) {
    case ZYDIS_MNEMONIC_MOV:
    case ZYDIS_MNEMONIC_MOVZX:
      kind = Kind::kMove;
      break;
    case ZYDIS_MNEMONIC_MOVSX:
    case ZYDIS_MNEMONIC_MOVSXD:
      kind = Kind::kMove;
      effect.sign = true;
      break;
    case ZYDIS_MNEMONIC_LEA:
      kind = Kind::kLea;
      break;
    case ZYDIS_MNEMONIC_ADD:
      kind = Kind::kAdd;
      break;
    case ZYDIS_MNEMONIC_CMP:
      compares = true;
      kind = Kind::kSub;
      break;
    case ZYDIS_MNEMONIC_SUB:
      kind = Kind::kSub;
      break;
    case ZYDIS_MNEMONIC_TEST:
      compares = true;
      kind = Kind::kAnd;
      break;
    case ZYDIS_MNEMONIC_AND:
      kind = Kind::kAnd;
      break;
    case ZYDIS_MNEMONIC_OR:
      kind = Kind::kOr;
      break;
    case ZYDIS_MNEMONIC_XOR:
      kind = Kind::kXor;
      break;
    case ZYDIS_MNEMONIC_SHL:
      kind = Kind::kShl;
      break;
    case ZYDIS_MNEMONIC_SHR:
      kind = Kind::kShr;
      break;
    case ZYDIS_MNEMONIC_SAR:
      kind = Kind::kSar;
      break;
    case ZYDIS_MNEMONIC_INC:
      kind = Kind::kAdd;
      effect.immediate = 1;
      effect.keeps_carry = true;
      break;
    case ZYDIS_MNEMONIC_DEC:
      kind = Kind::kSub;
      effect.immediate = 1;
      effect.keeps_carry = true;
      break;
    case ZYDIS_MNEMONIC_NOT:
      kind = Kind::kNot;
      break;
    case ZYDIS_MNEMONIC_NEG:
      kind = Kind::kNegate;
      break;
    case ZYDIS_MNEMONIC_PUSH:
    case ZYDIS_MNEMONIC_CALL:
      kind = Kind::kPush;
      break;
    case ZYDIS_MNEMONIC_POP:
    case ZYDIS_MNEMONIC_RET:
      kind = Kind::kPop;
      break;
    default:
      if (is(0x40)) kind = Kind::kSelect;
      if (is(0x90)) kind = Kind::kSet;
      break;
  }
  if (is(0x40) || is(0x80) || is(0x90) ||
      (instruction.opcode_map == ZYDIS_OPCODE_MAP_DEFAULT && (instruction.opcode & 0xf0) == 0x70))
    effect.condition = instruction.opcode & 0xf;
  if (kind == Kind::kPush || kind == Kind::kPop) {
    effect.kind = kind;
    effect.killed = 0;
    if (instruction.mnemonic == ZYDIS_MNEMONIC_POP && operands[0].type == ZYDIS_OPERAND_TYPE_REGISTER)
      effect.destination = general(operands[0].reg.value);
    if (kind == Kind::kPop) {
      effect.base = reg::kRsp;
      effect.reads = true;
      effect.load_bytes = 8;
    }
    return effect;
  }
  const auto give_up = [&] {
    effect.kind = effect.killed != 0 || effect.reads || effect.flags ? Kind::kUnknown : Kind::kNone;
    return effect;
  };
  const auto is_high = [](ZydisRegister r) { return r >= ZYDIS_REGISTER_AH && r <= ZYDIS_REGISTER_BH; };
  const ZydisDecodedOperand& first = operands[0];
  if (kind == Kind::kUnknown) return give_up();
  if (first.type == ZYDIS_OPERAND_TYPE_REGISTER) {
    const uint8_t r = general(first.reg.value);
    if (r == Effect::kNo || is_high(first.reg.value)) return give_up();
    (compares ? effect.first : effect.destination) = r;
  } else if (first.type == ZYDIS_OPERAND_TYPE_MEMORY && effect.flags) {
    effect.first_in_memory = true;
  } else {
    return give_up();
  }
  effect.bytes = static_cast<uint8_t>(first.size / 8);
  effect.source_bytes = effect.bytes;
  if (kind == Kind::kShl || kind == Kind::kShr || kind == Kind::kSar) effect.immediate = 1;
  if (kind == Kind::kLea) {
    effect.source_bytes = 8;
  } else if (instruction.operand_count_visible > 1) {
    const ZydisDecodedOperand& second = operands[1];
    effect.source_bytes = static_cast<uint8_t>(second.size / 8);
    if (second.type == ZYDIS_OPERAND_TYPE_REGISTER) {
      effect.source = general(second.reg.value);
      if (effect.source == Effect::kNo || is_high(second.reg.value)) return give_up();
    } else if (second.type == ZYDIS_OPERAND_TYPE_IMMEDIATE) {
      effect.immediate = second.imm.value.s;
      effect.source_bytes = effect.bytes;
    }
  }
  effect.kind = kind;
  effect.killed = 0;
  return effect;
}

}  // namespace

Decoded decode_instruction(uint64_t address, const uint8_t* bytes, uint32_t size, std::vector<Uop>& uops,
                           Effect* effect) {
  ZydisDecodedInstruction instruction;
  ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
  if (ZYAN_SUCCESS(ZydisDecoderDecodeFull(&decoder().zydis, bytes, size, &instruction, operands))) {
    if (effect != nullptr) *effect = effect_of(address, instruction, operands);
    return Translator(address, instruction, operands, uops).run();
  }
  Decoded unknown;
  unknown.address = address;
  unknown.size = static_cast<uint8_t>(size);
  unknown.first = static_cast<uint32_t>(uops.size());
  unknown.count = 1;
  Uop uop;
  uop.op = Op::kNone;
  uops.push_back(uop);
  return unknown;
}

}  // namespace skylake
