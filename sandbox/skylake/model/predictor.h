// Branch prediction: LTAGE (tagged geometric history tables with a loop predictor), a direct-mapped target buffer, a
// return stack and a path-hashed table of indirect targets. Sizes and update rules are the reference simulator's; the
// counters learn when a branch commits, the histories when it is predicted.
#pragma once

#include <emmintrin.h>

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

// A 16-bit number for each bank, in two vectors; the last four mean nothing.
struct Lanes {
  static constexpr int kCount = 16;
  alignas(16) uint16_t of[kCount];
  __m128i half(int which) const { return _mm_load_si128(reinterpret_cast<const __m128i*>(of) + which); }
  void set_half(int which, __m128i to) { _mm_store_si128(reinterpret_cast<__m128i*>(of) + which, to); }
};

struct Shapes {
  Lanes index, tag;  // masks of their bits
  Lanes scale;       // multiplying by it shifts the address left by 16, less by what the index wants it shifted right
};
constexpr Shapes kShapes = [] {
  using namespace parameter;
  Shapes shapes{};
  for (int bank = 1; bank <= kTageTables; ++bank) {
    const int lane = bank - 1;
    shapes.index.of[lane] = static_cast<uint16_t>((1u << kTageSizes[bank]) - 1);
    shapes.tag.of[lane] = static_cast<uint16_t>((1u << kTageTags[bank]) - 1);
    const int distance = kTageSizes[bank] > bank ? kTageSizes[bank] - bank : bank - kTageSizes[bank];
    shapes.scale.of[lane] = static_cast<uint16_t>(1u << (16 - (distance + 1)));
  }
  return shapes;
}();

// What the histories put into each bank's index and tag. Both are linear functions, so a table for each four bits.
struct Mixes {
  static constexpr int kDigits = (parameter::kTageLengths[parameter::kTageTables] + 3) / 4, kPathDigits = 4;
  Lanes index[kDigits][16], tag[kDigits][16];  // of the newest outcomes
  Lanes path[kPathDigits][16];                 // of the path of branches, for the index
};

class DirectionPredictor {
 public:
  static constexpr int kTables = parameter::kTageTables;

  // What a prediction must remember until the branch commits.
  struct Record {
    uint16_t index[kTables], tag[kTables];  // of each bank
    uint16_t bimodal;
    int16_t loop_index;
    uint16_t loop_tag;
    int8_t hit, alternative;
    int8_t loop_hit;
    bool alternative_taken, longest_taken, newly_allocated, tage_taken, loop_valid, loop_taken, taken;
  };

  DirectionPredictor() {
    std::memset(tags_, 0, sizeof tags_);
    std::memset(tables_, 0, sizeof tables_);
    std::memset(loops_, 0, sizeof loops_);
    prediction_.fill(0);
    hysteresis_.fill(1);
  }

  // Predicts a conditional branch. `resolve` has to follow with its outcome, before the next prediction.
  void predict(uint64_t pc, Record& r) {
    const uint32_t shifted = static_cast<uint32_t>(pc >> parameter::kPcShift);
    r.bimodal = static_cast<uint16_t>(shifted & ((1u << kSizes[0]) - 1));
    find(shifted, r);
    const bool base = prediction_[r.bimodal] != 0;
    r.newly_allocated = false;
    if (r.hit > 0) {
      const int counter = entry(r.hit, r).counter;
      r.alternative_taken = r.alternative > 0 ? entry(r.alternative, r).counter >= 0 : base;
      r.longest_taken = counter >= 0;
      r.newly_allocated = counter == 0 || counter == -1;
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
    history_.outcomes = (history_.outcomes << 1) | (taken ? 1 : 0);
    history_.path = static_cast<uint16_t>((history_.path << 1) | ((pc >> parameter::kPcShift) & 1));
  }

  // The histories, for those who look ahead and come back.
  struct History {
    uint64_t outcomes = 0;
    uint16_t path = 0;
  };
  History history() const { return history_; }
  void restore(const History& history) { history_ = history; }

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
        if (entry(i, r).useful < least) least = entry(i, r).useful;
      const uint32_t y = random & ((1u << (kTables - r.hit - 1)) - 1);
      int x = r.hit + 1;
      if (y & 1) {
        ++x;
        if (y & 2) ++x;
      }
      if (least > 0) entry(x, r).useful = 0;
      for (int i = x; i <= kTables; ++i) {
        Entry& fresh = entry(i, r);
        if (fresh.useful != 0) continue;
        tag(i, r) = r.tag[i - 1];
        ++tags_written_;
        fresh.counter = taken ? 0 : -1;
        break;
      }
    }
    if ((++age_ & ((1u << 19) - 1)) == 0) {
      for (int i = 1; i <= kTables; ++i)
        for (int j = 0; j < 1 << kSizes[i]; ++j) tables_[i - 1][j].useful >>= 1;
    }
    if (r.hit > 0) {
      Entry& longest = entry(r.hit, r);
      saturate(longest.counter, taken, 3);
      if (longest.useful == 0) {
        if (r.alternative > 0) {
          saturate(entry(r.alternative, r).counter, taken, 3);
        } else {
          train_bimodal(r, taken);
        }
      }
      if (r.tage_taken != r.alternative_taken) {
        if (r.tage_taken == taken) {
          if (longest.useful < 3) ++longest.useful;
        } else if (longest.useful > 0) {
          --longest.useful;
        }
      }
    } else {
      train_bimodal(r, taken);
    }
  }

 private:
  // Apart from its tag, since most are looked at for that alone.
  struct Entry {
    int8_t counter;
    uint8_t useful;
  };
  struct LoopEntry {
    uint16_t iterations, current, tag;
    uint8_t confidence, age;
  };
  static constexpr const int (&kSizes)[kTables + 1] = parameter::kTageSizes;
  static constexpr const int (&kLengths)[kTables + 1] = parameter::kTageLengths;
  static constexpr int kLoopSets = 64, kLoopWays = 4;

  // Where a branch with these histories was found. Loops come to the same places again and again.
  struct Found {
    uint64_t histories = ~uint64_t{0};
    uint32_t branch = 0, tags_written = 0;
    uint16_t index[kTables], tag[kTables];
    int8_t hit, alternative;
  };
  static constexpr size_t kFound = 256;

  uint16_t& tag(int bank, const Record& r) { return tags_[bank - 1][r.index[bank - 1]]; }
  Entry& entry(int bank, const Record& r) { return tables_[bank - 1][r.index[bank - 1]]; }

  // Finds each bank's index and tag, and the two banks with the longest histories that know the branch.
  void find(uint32_t branch, Record& r) {
    constexpr int kNewest = kLengths[kTables];
    const uint64_t outcomes = history_.outcomes & ((uint64_t{1} << kNewest) - 1);
    const uint64_t histories = outcomes | uint64_t{history_.path} << kNewest;
    const uint64_t mixed = (histories ^ uint64_t{branch} << 29) * 0x9e3779b97f4a7c15u;
    Found& found = found_[mixed >> 56];
    if (found.histories != histories || found.branch != branch) {
      hash(branch, outcomes, found);
      found.histories = histories;
      found.branch = branch;
      found.tags_written = tags_written_ - 1;  // not looked for yet
    }
    std::memcpy(r.index, found.index, sizeof r.index);
    std::memcpy(r.tag, found.tag, sizeof r.tag);
    if (found.tags_written != tags_written_) {
      const __m128i bytes = _mm_packs_epi16(hits<0>(r), hits<8>(r));
      const unsigned banks = static_cast<unsigned>(_mm_movemask_epi8(bytes)) << 1 & ((2u << kTables) - 1);
      found.hit = highest(banks);
      found.alternative = highest(banks & ~(1u << found.hit));
      found.tags_written = tags_written_;
    }
    r.hit = found.hit;
    r.alternative = found.alternative;
  }
  // Which of eight banks have the tags that are looked for.
  template <int kFrom>
  __m128i hits(const Record& r) {
    const auto held = [&](int i) { return static_cast<short>(kFrom + i < kTables ? tag(kFrom + i + 1, r) : 0); };
    const auto wanted = [&](int i) { return static_cast<short>(kFrom + i < kTables ? r.tag[kFrom + i] : 0); };
    return _mm_cmpeq_epi16(
        _mm_setr_epi16(wanted(0), wanted(1), wanted(2), wanted(3), wanted(4), wanted(5), wanted(6), wanted(7)),
        _mm_setr_epi16(held(0), held(1), held(2), held(3), held(4), held(5), held(6), held(7)));
  }
  static int8_t highest(unsigned bits) { return static_cast<int8_t>(bits == 0 ? 0 : 31 - __builtin_clz(bits)); }

  static const Mixes& mixes() {
    static const Mixes mixes = [] {
      Mixes made{};
      for (int digit = 0; digit < 16; ++digit) {
        for (int place = 0; place < Mixes::kDigits; ++place) {
          for (int bank = 1; bank <= kTables; ++bank) {
            const uint64_t outcomes = static_cast<uint64_t>(digit) << (4 * place);
            const uint32_t tag = folded(outcomes, bank, parameter::kTageTags[bank]);
            const uint32_t narrow = folded(outcomes, bank, parameter::kTageTags[bank] - 1);
            made.index[place][digit].of[bank - 1] = static_cast<uint16_t>(folded(outcomes, bank, kSizes[bank]));
            made.tag[place][digit].of[bank - 1] = static_cast<uint16_t>(tag ^ narrow << 1);
          }
        }
        for (int place = 0; place < Mixes::kPathDigits; ++place)
          mix_all(static_cast<uint32_t>(digit) << (4 * place), made.path[place][digit].of,
                  std::make_integer_sequence<int, kTables>{});
      }
      return made;
    }();
    return mixes;
  }
  // The exclusive or of the `width`-bit pieces of a bank's newest outcomes.
  static uint32_t folded(uint64_t outcomes, int bank, int width) {
    uint32_t all = 0;
    for (int i = 0; i < kLengths[bank]; ++i) all ^= static_cast<uint32_t>(outcomes >> i & 1) << i % width;
    return all;
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
  void hash(uint32_t branch, uint64_t outcomes, Found& found) const {
    const __m128i low = _mm_set1_epi16(static_cast<short>(branch)), high = _mm_set1_epi16(static_cast<short>(branch >> 16));
    Lanes index, tag;
    for (int half = 0; half < 2; ++half) {
      const __m128i scale = kShapes.scale.half(half);
      const __m128i distant = _mm_or_si128(_mm_mulhi_epu16(low, scale), _mm_mullo_epi16(high, scale));
      __m128i indices = _mm_xor_si128(low, distant), tags = low;
      for (int place = 0; place < Mixes::kDigits; ++place) {
        const uint64_t digit = outcomes >> (4 * place) & 15;
        indices = _mm_xor_si128(indices, mixes_.index[place][digit].half(half));
        tags = _mm_xor_si128(tags, mixes_.tag[place][digit].half(half));
      }
      for (int place = 0; place < Mixes::kPathDigits; ++place)
        indices = _mm_xor_si128(indices, mixes_.path[place][history_.path >> (4 * place) & 15].half(half));
      index.set_half(half, _mm_and_si128(indices, kShapes.index.half(half)));
      tag.set_half(half, _mm_and_si128(tags, kShapes.tag.half(half)));
    }
    std::memcpy(found.index, index.of, sizeof found.index);
    std::memcpy(found.tag, tag.of, sizeof found.tag);
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

  uint16_t tags_[kTables][2048];
  Entry tables_[kTables][2048];
  LoopEntry loops_[kLoopSets * kLoopWays];
  std::array<uint8_t, 1 << 14> prediction_;
  std::array<uint8_t, 1 << 12> hysteresis_;
  std::array<Found, kFound> found_{};
  uint32_t tags_written_ = 0;  // how many
  History history_;
  const Mixes& mixes_ = mixes();
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
