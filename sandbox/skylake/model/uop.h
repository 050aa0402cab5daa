// Micro-operations: what the reference simulator's microcode makes of an x86 instruction.
#pragma once

#include <cstdint>
#include <vector>

namespace skylake {

// Operation classes; each has a latency and the set of issue ports that can run it (parameters.h).
enum class Op : uint8_t {
  kNone,  // needs no port
  kIntAlu,
  kIntMult,
  kIntDiv,
  kFloatAdd,
  kFloatCmp,
  kFloatCvt,
  kFloatMult,
  kFloatDiv,
  kFloatSqrt,
  kSimdAdd,
  kSimdAlu,
  kSimdCmp,
  kSimdCvt,
  kSimdMisc,
  kSimdMult,
  kSimdShift,
  kSimdFloatAdd,
  kSimdFloatCmp,
  kSimdFloatCvt,
  kSimdFloatMult,
  kSimdFloatDiv,
  kSimdFloatSqrt,
  kSimdFloatAlu,
  kLoad,
  kStore,
  kCount,
};

// Architectural and microcode registers that are renamed. A register number indexes the core's ready times.
namespace reg {
constexpr uint8_t kRax = 0, kRcx = 1, kRdx = 2, kRbx = 3, kRsp = 4, kRbp = 5, kRsi = 6, kRdi = 7;
constexpr uint8_t kTemp = 16;  // t1 is kTemp + 1
constexpr uint8_t kProductLow = 32, kProductHigh = 33, kQuotient = 34, kRemainder = 35, kDivisor = 36, kDouble = 37;
constexpr uint8_t kIntegers = 38;                                    // registers below are integers
constexpr uint8_t kZaps = 38, kCfof = 39, kDf = 40, kEcf = 41, kEzf = 42;
constexpr uint8_t kFloats = 44;                                      // registers from here on are floating point
constexpr uint8_t kXmm = 44;  // low half of xmm n is kXmm + 2n, high half the next
constexpr uint8_t kFloatTemp = 76;                                   // ufp1 is kFloatTemp + 1
constexpr uint8_t kStack = 85;                                       // x87 register (and MMX) n
constexpr uint8_t kAlways = 94;                                      // never written: always ready
constexpr uint8_t kNowhere = 95;                                     // never read
constexpr uint8_t kCount = 96;
}  // namespace reg

struct Uop {
  enum Flag : uint8_t {
    kNonSpeculative = 1,    // executes alone at the head of the reorder buffer
    kSerializeAfter = 2,    // the next one is renamed when the machine is empty
    kSerializeBefore = 4,
    kLoadBarrier = 8,       // later memory accesses wait for it
    kStoreBarrier = 16,
    kBranch = 32,           // a branch inside the microcode, or the instruction's own
    kTrap = 64,             // faults when it is the oldest: everything after it is fetched again
  };
  static constexpr int kSources = 8;
  static constexpr int kDestinations = 3;

  Op op = Op::kIntAlu;
  uint8_t flags = 0;
  uint8_t access = 0;   // loads and stores: which of the instruction's memory accesses
  uint8_t bytes = 0;    // loads and stores: size
  uint8_t sources = 0;
  uint8_t destinations = 0;
  uint8_t integers = 0;  // destinations that need a physical integer register
  uint8_t floats = 0;    // destinations that need a physical floating-point register
  // What isn't there is kAlways and kNowhere.
  uint8_t source[kSources] = {reg::kAlways, reg::kAlways, reg::kAlways, reg::kAlways,
                              reg::kAlways, reg::kAlways, reg::kAlways, reg::kAlways};
  uint8_t destination[kDestinations] = {reg::kNowhere, reg::kNowhere, reg::kNowhere};
};

enum class Control : uint8_t {
  kNone,
  kConditional,  // direct
  kJump,         // direct
  kCall,         // direct
  kIndirectJump,
  kIndirectCall,
  kReturn,
  kSystem,  // system call: a trap at commit
};

enum class Loop : uint8_t { kNone, kDivide, kRepeat };

// One decoded instruction: its micro-ops are [first, first + count) of the block's.
struct Decoded {
  uint64_t address = 0;
  uint64_t target = 0;  // of a direct branch
  uint32_t first = 0;
  uint16_t count = 0;
  uint8_t size = 0;
  Control control = Control::kNone;
  // Instructions whose microcode loops: micro-ops [loop_first, loop_first + loop_count) are the body, whose last one
  // branches back.
  Loop loop = Loop::kNone;
  uint8_t loop_first = 0;
  uint8_t loop_count = 0;
  uint8_t loop_accesses = 0;  // memory accesses an iteration
  uint8_t operand_bits = 0;   // of a division
  bool memory = true;         // may access memory
  bool plain = false;         // neither branches, loops nor traps
};

// What an instruction does to the general registers and to the flags, for those that compute addresses and decide branches.
struct Effect {
  enum class Kind : uint8_t {
    kNone,
    kUnknown,
    kMove,
    kLea,
    kAdd,
    kSub,
    kAnd,
    kOr,
    kXor,
    kShl,
    kShr,
    kSar,
    kNot,
    kNegate,
    kSelect,  // a move under `condition`
    kSet,     // one or zero after `condition`
    kPush,
    kPop
  };
  static constexpr uint8_t kNo = 255;
  Kind kind = Kind::kNone;
  uint8_t destination = kNo;  // register that is written, and the first operand
  uint8_t first = kNo;        // register that is the first operand and isn't written; without either it is in memory
  uint8_t source = kNo;       // register, else memory if `reads` and the first operand isn't there, else the immediate
  uint8_t bytes = 8;          // operand size
  uint8_t source_bytes = 8;
  uint8_t condition = kNo;    // as the low four bits of a conditional jump's opcode
  bool sign = false;          // extends its source's sign
  bool reads = false;         // loads from memory
  bool writes = false;        // stores to memory
  bool first_in_memory = false;
  bool flags = false;         // changes the flags
  bool keeps_carry = false;   // but not the carry
  uint8_t load_bytes = 0;
  uint8_t base = kNo, index = kNo, scale = 1;
  uint16_t killed = 0;        // further registers that get unknown values
  int64_t displacement = 0;   // of the memory operand or lea; absolute if there is no base
  int64_t immediate = 0;
};

// Appends the instruction's micro-ops to `uops` and describes it; says also what it does where `effect` isn't null.
Decoded decode_instruction(uint64_t address, const uint8_t* bytes, uint32_t size, std::vector<Uop>& uops,
                           Effect* effect = nullptr);

}  // namespace skylake
