// Branch prediction: LTAGE (tagged geometric history tables with a loop predictor), a direct-mapped target buffer, a
// return stack and a path-hashed table of indirect targets. Sizes and update rules are the reference simulator's; the
// counters learn when a branch commits, the histories when it is predicted.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <utility>

#include "parameters.h"

namespace skylake {

// Any seed is as good as another, but a few branch patterns settle into one of two regimes by chance. Of nine seeds tried,
// six bring the loop of a division with a constant quotient into the reference's regime; this is one of them.
class Random {
 public:
  uint32_t next() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 17;
    state_ ^= state_ << 5;
    return state_;
  }

 private:
  uint32_t state_ = 362436069u;
};

// Foldings of the history: the exclusive or of the `width`-bit pieces of its newest `length` outcomes, for each bank's
// index, its tag, and its tag once more one bit narrower. A new outcome turns a folding by a bit and brings its own in and
// the oldest one out.
constexpr int kFoldings = 3 * parameter::kTageTables;
constexpr int kOldestFrom = 2;  // the oldest outcomes are looked for from this one on, in 32 bits
struct FoldingShapes {
  alignas(16) uint32_t top[kFoldings], mask[kFoldings], oldest[kFoldings], leaves[kFoldings];
};
constexpr FoldingShapes kFoldingShapes = [] {
  using namespace parameter;
  FoldingShapes shapes{};
  for (int i = 0; i < kFoldings; ++i) {
    const int bank = i % kTageTables + 1, length = kTageLengths[bank];
    const int width = i < kTageTables ? kTageSizes[bank] : kTageTags[bank] - (i < 2 * kTageTables ? 0 : 1);
    shapes.top[i] = 1u << (width - 1);
    shapes.mask[i] = (1u << width) - 1;
    shapes.oldest[i] = 1u << (length - 1 - kOldestFrom);
    shapes.leaves[i] = 1u << (length % width);
  }
  return shapes;
}();

// What the path of branches puts into each bank's index: a linear function, so a table for each byte.
struct PathMixes {
  uint16_t of[2][256][parameter::kTageTables];
};

class DirectionPredictor {
 public:
  static constexpr int kTables = parameter::kTageTables;

  // What a prediction must remember until the branch commits.
  struct Record {
    uint16_t index[kTables + 1];
    uint16_t tag[kTables + 1];
    uint16_t bimodal;
    int16_t loop_index;
    uint16_t loop_tag;
    int8_t hit, alternative;
    int8_t loop_hit;
    bool alternative_taken, longest_taken, newly_allocated, tage_taken, loop_valid, loop_taken, taken;
  };

  DirectionPredictor() {
    std::memset(tables_, 0, sizeof tables_);
    std::memset(loops_, 0, sizeof loops_);
    prediction_.fill(0);
    hysteresis_.fill(1);
  }

  // Predicts a conditional branch. `resolve` has to follow with its outcome, before the next prediction.
  void predict(uint64_t pc, Record& r) {
    const uint32_t shifted = static_cast<uint32_t>(pc >> parameter::kPcShift);
    hash(shifted, r, std::make_integer_sequence<int, kTables>{});
    r.bimodal = static_cast<uint16_t>(shifted & ((1u << kSizes[0]) - 1));
    r.hit = r.alternative = 0;
    for (int i = kTables; i > 0; --i) {
      if (tables_[i][r.index[i]].tag != r.tag[i]) continue;
      if (r.hit == 0) {
        r.hit = static_cast<int8_t>(i);
      } else {
        r.alternative = static_cast<int8_t>(i);
        break;
      }
    }
    const bool base = prediction_[r.bimodal] != 0;
    r.newly_allocated = false;
    if (r.hit > 0) {
      const Entry& entry = tables_[r.hit][r.index[r.hit]];
      r.alternative_taken = r.alternative > 0 ? tables_[r.alternative][r.index[r.alternative]].counter >= 0 : base;
      r.longest_taken = entry.counter >= 0;
      r.newly_allocated = entry.counter == 0 || entry.counter == -1;
      r.tage_taken = use_alternative_ < 0 || !r.newly_allocated ? r.longest_taken : r.alternative_taken;
    } else {
      r.alternative_taken = r.longest_taken = r.tage_taken = base;
    }
    r.taken = r.tage_taken;
    predict_loop(shifted, r);
    if (loop_use_ >= 0 && r.loop_valid) r.taken = r.loop_taken;
  }

  // Puts a resolved branch (conditional or not) into the histories.
  void push(uint64_t pc, bool taken) {
    fold(taken);
    history_ = (history_ << 1) | (taken ? 1 : 0);
    path_ = static_cast<uint16_t>((path_ << 1) | ((pc >> parameter::kPcShift) & 1));
  }

  // The histories, for those who look ahead and come back.
  struct History {
    uint64_t outcomes;
    uint16_t path;
    std::array<uint32_t, kFoldings> foldings;
  };
  History history() const { return {history_, path_, foldings_}; }
  void restore(const History& history) {
    history_ = history.outcomes;
    path_ = history.path;
    foldings_ = history.foldings;
  }

  // Trains the tables when the branch commits.
  void commit(const Record& r, bool taken) {
    const uint32_t random = random_.next() & 3;
    if (r.loop_valid && r.taken != r.loop_taken) saturate(loop_use_, r.loop_taken == taken, 7);
    train_loop(r, taken);
    bool allocate = r.tage_taken != taken && r.hit < kTables;
    if (r.hit > 0 && r.newly_allocated) {
      if (r.longest_taken == taken) allocate = false;
      if (r.longest_taken != r.alternative_taken) saturate(use_alternative_, r.alternative_taken == taken, 4);
    }
    if (allocate) {
      uint8_t least = 1;
      for (int i = kTables; i > r.hit; --i)
        if (tables_[i][r.index[i]].useful < least) least = tables_[i][r.index[i]].useful;
      const uint32_t y = random & ((1u << (kTables - r.hit - 1)) - 1);
      int x = r.hit + 1;
      if (y & 1) {
        ++x;
        if (y & 2) ++x;
      }
      if (least > 0) tables_[x][r.index[x]].useful = 0;
      for (int i = x; i <= kTables; ++i) {
        Entry& entry = tables_[i][r.index[i]];
        if (entry.useful != 0) continue;
        entry.tag = r.tag[i];
        entry.counter = taken ? 0 : -1;
        break;
      }
    }
    if ((++age_ & ((1u << 19) - 1)) == 0) {
      for (int i = 1; i <= kTables; ++i)
        for (int j = 0; j < 1 << kSizes[i]; ++j) tables_[i][j].useful >>= 1;
    }
    if (r.hit > 0) {
      Entry& entry = tables_[r.hit][r.index[r.hit]];
      saturate(entry.counter, taken, 3);
      if (entry.useful == 0) {
        if (r.alternative > 0) {
          saturate(tables_[r.alternative][r.index[r.alternative]].counter, taken, 3);
        } else {
          train_bimodal(r, taken);
        }
      }
      if (r.tage_taken != r.alternative_taken) {
        if (r.tage_taken == taken) {
          if (entry.useful < 3) ++entry.useful;
        } else if (entry.useful > 0) {
          --entry.useful;
        }
      }
    } else {
      train_bimodal(r, taken);
    }
  }

 private:
  struct Entry {
    int8_t counter;
    uint8_t useful;
    uint16_t tag;
  };
  struct LoopEntry {
    uint16_t iterations, current, tag;
    uint8_t confidence, age;
  };
  static constexpr const int (&kSizes)[kTables + 1] = parameter::kTageSizes;
  static constexpr const int (&kTagWidths)[kTables + 1] = parameter::kTageTags;
  static constexpr const int (&kLengths)[kTables + 1] = parameter::kTageLengths;
  static constexpr int kLoopSets = 64, kLoopWays = 4;

  void fold(bool taken) {
    const uint32_t newest = taken ? 1 : 0, old = static_cast<uint32_t>(history_ >> kOldestFrom);
    for (int i = 0; i < kFoldings; ++i) {
      const uint32_t carry = (foldings_[i] & kFoldingShapes.top[i]) == kFoldingShapes.top[i] ? 1u : 0u;
      const uint32_t out = (old & kFoldingShapes.oldest[i]) == kFoldingShapes.oldest[i] ? kFoldingShapes.leaves[i] : 0u;
      foldings_[i] = ((foldings_[i] << 1 & kFoldingShapes.mask[i]) | carry) ^ newest ^ out;
    }
  }
  static const PathMixes& path_mixes() {
    static const PathMixes mixes = [] {
      PathMixes made{};
      for (uint32_t byte = 0; byte < 256; ++byte)
        for (uint32_t place = 0; place < 2; ++place)
          mix_all(byte << (8 * place), made.of[place][byte], std::make_integer_sequence<int, kTables>{});
      return made;
    }();
    return mixes;
  }
  template <int... kBanks>
  static void mix_all(uint32_t path, uint16_t* into, std::integer_sequence<int, kBanks...>) {
    ((into[kBanks] = static_cast<uint16_t>(path_mix<kBanks + 1>(path))), ...);
  }
  template <int kBank>
  static uint32_t path_mix(uint32_t path) {
    constexpr int kSize = kLengths[kBank] > 16 ? 16 : kLengths[kBank];
    constexpr uint32_t kMask = (1u << kSizes[kBank]) - 1;
    constexpr int kRest = kSizes[kBank] - kBank;
    uint32_t a = path & ((1u << kSize) - 1);
    uint32_t high = a >> kSizes[kBank];
    high = ((high << kBank) & kMask) + shift_right<kRest>(high);
    a = (a & kMask) ^ high;
    return ((a << kBank) & kMask) + shift_right<kRest>(a);
  }
  template <int kBy>
  static uint32_t shift_right(uint32_t value) {
    if constexpr (kBy >= 0) {
      return value >> kBy;
    } else {
      return 0;
    }
  }
  template <int kBank>
  void hash_bank(uint32_t shifted, const uint16_t* low, const uint16_t* high, Record& r) const {
    constexpr int kDistance = kSizes[kBank] > kBank ? kSizes[kBank] - kBank : kBank - kSizes[kBank];
    constexpr int kPlace = kBank - 1;
    const uint32_t mixed = foldings_[kPlace] ^ low[kPlace] ^ high[kPlace];
    r.index[kBank] =
        static_cast<uint16_t>((shifted ^ (shifted >> (kDistance + 1)) ^ mixed) & ((1u << kSizes[kBank]) - 1));
    const uint32_t folded = foldings_[kTables + kPlace] ^ foldings_[2 * kTables + kPlace] << 1;
    r.tag[kBank] = static_cast<uint16_t>((shifted ^ folded) & ((1u << kTagWidths[kBank]) - 1));
  }
  template <int... kBanks>
  void hash(uint32_t shifted, Record& r, std::integer_sequence<int, kBanks...>) const {
    const uint16_t* const low = path_mixes_.of[0][path_ & 0xff];
    const uint16_t* const high = path_mixes_.of[1][path_ >> 8];
    (hash_bank<kBanks + 1>(shifted, low, high, r), ...);
  }
  template <typename T>
  static void saturate(T& counter, bool up, int bits) {
    if (up) {
      if (counter < (1 << (bits - 1)) - 1) ++counter;
    } else if (counter > -(1 << (bits - 1))) {
      --counter;
    }
  }
  void train_bimodal(const Record& r, bool taken) {
    int state = (prediction_[r.bimodal] << 1) + hysteresis_[r.bimodal >> 2];
    if (taken) {
      if (state < 3) ++state;
    } else if (state > 0) {
      --state;
    }
    prediction_[r.bimodal] = static_cast<uint8_t>(state >> 1);
    hysteresis_[r.bimodal >> 2] = static_cast<uint8_t>(state & 1);
  }
  void predict_loop(uint32_t shifted, Record& r) {
    r.loop_index = static_cast<int16_t>((shifted & (kLoopSets - 1)) * kLoopWays);
    r.loop_tag = static_cast<uint16_t>((shifted >> 6) & 0x3fff);
    r.loop_hit = -1;
    r.loop_valid = false;
    r.loop_taken = false;
    for (int way = 0; way < kLoopWays; ++way) {
      const LoopEntry& entry = loops_[r.loop_index + way];
      if (entry.tag != r.loop_tag) continue;
      r.loop_hit = static_cast<int8_t>(way);
      r.loop_valid = entry.confidence == 3;
      r.loop_taken = entry.current + 1 != entry.iterations;
      return;
    }
  }
  void train_loop(const Record& r, bool taken) {
    if (r.loop_hit >= 0) {
      LoopEntry& entry = loops_[r.loop_index + r.loop_hit];
      if (r.loop_valid) {
        if (taken != r.loop_taken) {
          entry.iterations = 0;
          entry.age = 0;
          entry.confidence = 0;
          entry.current = 0;
          return;
        }
        if (r.loop_taken != r.tage_taken && entry.age < 255) ++entry.age;
      }
      entry.current = (entry.current + 1) & 0x3fff;
      if (entry.current > entry.iterations) {
        entry.confidence = 0;
        if (entry.iterations != 0) {
          entry.iterations = 0;
          entry.age = 0;
        }
      }
      if (!taken) {
        if (entry.current == entry.iterations) {
          if (entry.confidence < 3) ++entry.confidence;
          if (entry.iterations < 3) {
            entry.iterations = 0;
            entry.age = 0;
            entry.confidence = 0;
          }
        } else if (entry.iterations == 0) {
          entry.confidence = 0;
          entry.iterations = entry.current;
        } else {
          entry.iterations = 0;
          entry.age = 0;
          entry.confidence = 0;
        }
        entry.current = 0;
      }
    } else if (taken) {
      const uint32_t random = random_.next();
      for (int i = 0; i < kLoopWays; ++i) {
        LoopEntry& entry = loops_[r.loop_index + ((random + static_cast<uint32_t>(i)) & (kLoopWays - 1))];
        if (entry.age == 0) {
          entry.tag = r.loop_tag;
          entry.iterations = 0;
          entry.age = 255;
          entry.confidence = 0;
          entry.current = 1;
          break;
        }
        --entry.age;
      }
    }
  }

  Entry tables_[kTables + 1][2048];
  LoopEntry loops_[kLoopSets * kLoopWays];
  std::array<uint8_t, 1 << 14> prediction_;
  std::array<uint8_t, 1 << 12> hysteresis_;
  uint64_t history_ = 0;
  uint16_t path_ = 0;
  alignas(16) std::array<uint32_t, kFoldings> foldings_{};
  const PathMixes& path_mixes_ = path_mixes();
  int use_alternative_ = 0;
  int loop_use_ = -1;
  uint32_t age_ = 131072;
  Random random_;
};

class TargetBuffer {
 public:
  // Returns the target, or 0.
  uint64_t lookup(uint64_t pc) const {
    const Entry& entry = entries_[index(pc)];
    return entry.valid && entry.tag == tag(pc) ? entry.target : 0;
  }
  void update(uint64_t pc, uint64_t target) { entries_[index(pc)] = {target, tag(pc), true}; }

 private:
  struct Entry {
    uint64_t target;
    uint32_t tag;
    bool valid;
  };
  static uint32_t index(uint64_t pc) {
    return static_cast<uint32_t>(pc >> parameter::kPcShift) & (parameter::kTargetBuffer - 1);
  }
  static uint32_t tag(uint64_t pc) {
    return static_cast<uint32_t>(pc >> (parameter::kPcShift + 9)) & ((1u << parameter::kTargetTagBits) - 1);
  }
  std::array<Entry, parameter::kTargetBuffer> entries_{};
};

class ReturnStack {
 public:
  void push(uint64_t address) {
    top_ = (top_ + 1) % parameter::kReturnStack;
    stack_[top_] = address;
  }
  uint64_t top() const { return stack_[top_]; }
  uint64_t pop() {
    const uint64_t address = stack_[top_];
    top_ = (top_ + parameter::kReturnStack - 1) % parameter::kReturnStack;
    return address;
  }

 private:
  std::array<uint64_t, parameter::kReturnStack> stack_{};
  int top_ = 0;
};

class IndirectPredictor {
 public:
  uint64_t lookup(uint64_t pc) {
    set_ = index(pc);
    for (const Entry& entry : entries_[set_])
      if (entry.tag == tag(pc)) return entry.target;
    return 0;
  }
  uint64_t peek(uint64_t pc) const {
    for (const Entry& entry : entries_[index(pc)])
      if (entry.tag == tag(pc)) return entry.target;
    return 0;
  }
  // After `lookup` of the same branch: what it really did.
  void resolve(uint64_t pc, uint64_t target, bool mispredicted) {
    if (mispredicted) {
      Entry* victim = nullptr;
      for (Entry& entry : entries_[set_])
        if (entry.tag == tag(pc)) victim = &entry;
      if (victim == nullptr) victim = &entries_[set_][random_.next() & 3];
      *victim = {target, tag(pc)};
    }
    for (int i = kPath - 1; i > 0; --i) path_[i] = path_[i - 1];
    path_[0] = target;
  }
  // The history of directions, for those who look ahead and come back.
  uint32_t history() const { return history_; }
  void restore(uint32_t history) { history_ = history; }
  void direction(bool taken) { history_ = ((history_ << 1) | (taken ? 1 : 0)) & 0xffff; }

 private:
  static constexpr int kSets = 128, kWays = 4, kPath = 7;
  struct Entry {
    uint64_t target;
    uint32_t tag;
  };
  static uint32_t tag(uint64_t pc) { return static_cast<uint32_t>(pc >> parameter::kPcShift) & 0xffff; }
  uint32_t index(uint64_t pc) const {
    uint64_t hash = (pc >> parameter::kPcShift) ^ history_;
    for (int i = 0; i < kPath; ++i) hash ^= path_[i] >> (parameter::kPcShift + i);
    return static_cast<uint32_t>(hash) & (kSets - 1);
  }
  std::array<std::array<Entry, kWays>, kSets> entries_{};
  std::array<uint64_t, kPath> path_{};
  uint32_t history_ = 0;
  uint32_t set_ = 0;
  Random random_;
};

}  // namespace skylake
