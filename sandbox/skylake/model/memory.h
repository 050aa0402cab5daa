// Caches, buses and DRAM: when does an access that starts in a given cycle get its answer?
//
// State changes in program order, times are those of the reference simulator's classic memory system: each level
// answers after its lookup, misses travel over the buses, a line in flight answers all who wait when it arrives.
#pragma once

#include <emmintrin.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <unordered_map>
#include <vector>

#include "parameters.h"

namespace skylake {

// Virtual to physical: frames are given out in the order of first touch.
class Pages {
 public:
  uint64_t translate(uint64_t address, bool* fresh = nullptr) {
    const uint64_t page = address >> 12;
    Slot& slot = recent_[place(page)];
    if (slot.page != page) {
      const auto [it, inserted] = frames_.try_emplace(page, next_);
      if (inserted) ++next_;
      if (inserted && fresh != nullptr) *fresh = true;
      slot = {page, it->second};
    }
    return (slot.frame << 12) | (address & 0xfff);
  }
  // Touches nothing; false if the page has not been touched.
  bool peek(uint64_t address, uint64_t& physical) const {
    const uint64_t page = address >> 12;
    Slot& slot = recent_[place(page)];
    if (slot.page != page) {
      const auto it = frames_.find(page);
      if (it == frames_.end()) return false;
      slot = {page, it->second};
    }
    physical = (slot.frame << 12) | (address & 0xfff);
    return true;
  }
  // Touches the page; returns whether it had not been touched before.
  bool first_touch(uint64_t address) {
    bool fresh = false;
    translate(address, &fresh);
    return fresh;
  }
  bool touched(uint64_t address) const {
    uint64_t physical;
    return peek(address, physical);
  }
  void touch(uint64_t address, uint64_t size) {
    for (uint64_t page = address >> 12; page < (address + size + 0xfff) >> 12; ++page) translate(page << 12);
  }
  void forget(uint64_t address, uint64_t size) {
    for (uint64_t page = address >> 12; page < (address + size + 0xfff) >> 12; ++page) {
      frames_.erase(page);
      recent_[place(page)].page = ~uint64_t{0};
    }
  }

 private:
  static constexpr int kRecent = 2048;
  static uint64_t place(uint64_t page) { return (page ^ page >> 11) & (kRecent - 1); }
  struct Slot {
    uint64_t page = ~uint64_t{0}, frame = 0;
  };
  mutable std::array<Slot, kRecent> recent_{};  // a cache of `frames_`
  std::unordered_map<uint64_t, uint64_t> frames_;
  uint64_t next_ = 256;
};

// A set-associative array of lines with tree pseudo-LRU replacement. A line is told by its place.
template <uint32_t kSets, uint32_t kWays>
class Tags {
 public:
  static constexpr uint32_t kNone = ~uint32_t{0};

  Tags() : sets_(kSets) {}

  // The place of a line, without a trace; kNone where it isn't there.
  uint32_t find(uint32_t number) const {
    const uint32_t at = number & (kSets - 1);
    const Set& set = sets_[at];
    if (set.numbers[set.recent] == number) return at * kWays + set.recent;
    const __m128i wanted = _mm_set1_epi32(static_cast<int>(number));
    const auto equal = [&](uint32_t way) {
      return _mm_cmpeq_epi32(wanted, _mm_load_si128(reinterpret_cast<const __m128i*>(&set.numbers[way])));
    };
    const __m128i bytes = _mm_packs_epi16(_mm_packs_epi32(equal(0), equal(4)), _mm_packs_epi32(equal(8), equal(12)));
    const int ways = _mm_movemask_epi8(bytes);
    return ways == 0 ? kNone : at * kWays + static_cast<uint32_t>(__builtin_ctz(static_cast<unsigned>(ways)));
  }
  // The line is used; nothing changes if it is the one of its set that was used last.
  void use(uint32_t place) {
    if (sets_[place / kWays].recent != place % kWays) touch(place);
  }
  uint32_t number(uint32_t place) const { return sets_[place / kWays].numbers[place % kWays]; }
  // The cycle at which its data came or will come.
  uint64_t arrival(uint32_t place) const { return sets_[place / kWays].arrivals[place % kWays]; }
  bool dirty(uint32_t place) const { return (sets_[place / kWays].dirty >> place % kWays & 1) != 0; }
  void soil(uint32_t place) { sets_[place / kWays].dirty |= static_cast<uint16_t>(1u << place % kWays); }

  // Replaces the victim by `number`. Returns the number of what was there if that was dirty, else kNone.
  uint32_t insert(uint32_t number, uint64_t arrival, bool dirty) {
    Set& set = sets_[number & (kSets - 1)];
    uint32_t node = 1;
    for (uint32_t level = kWays; level > 1; level /= 2) node = 2 * node + ((set.tree >> node) & 1);
    const uint32_t way = node - kWays, bit = 1u << way;
    const uint32_t evicted = (set.dirty & bit) != 0 ? set.numbers[way] : kNone;
    set.numbers[way] = number;
    set.arrivals[way] = arrival;
    set.dirty = static_cast<uint16_t>(dirty ? set.dirty | bit : set.dirty & ~bit);
    touch((number & (kSets - 1)) * kWays + way);
    return evicted;
  }
  // The freed way is the next victim.
  void remove(uint32_t place) {
    Set& set = sets_[place / kWays];
    set.numbers[place % kWays] = kNone;
    set.dirty &= static_cast<uint16_t>(~(1u << place % kWays));
    for (uint32_t node = place % kWays + kWays; node > 1; node /= 2) {
      const uint32_t parent = 1u << node / 2;
      set.tree = node & 1 ? set.tree | parent : set.tree & ~parent;
    }
  }

 private:
  static_assert(kWays == 16, "`find` looks at 16 ways at once");
  struct alignas(64) Set {
    Set() { numbers.fill(kNone); }
    std::array<uint32_t, kWays> numbers;  // physical addresses / 64
    uint32_t tree = 0;
    uint16_t dirty = 0;
    uint8_t recent = 0;
    std::array<uint64_t, kWays> arrivals{};
  };

  void touch(uint32_t place) {
    Set& set = sets_[place / kWays];
    for (uint32_t node = place % kWays + kWays; node > 1; node /= 2) {
      const uint32_t parent = 1u << node / 2;
      set.tree = node & 1 ? set.tree & ~parent : set.tree | parent;
    }
    set.recent = static_cast<uint8_t>(place % kWays);
  }
  std::vector<Set> sets_;
};

// One channel of DRAM with open rows, refresh and a write queue. Times in ticks.
class Dram {
 public:
  Dram() {
    for (auto& rank : ranks_) rank.refresh = parameter::kTrefi - parameter::kTrp;
  }

  // Returns the tick at which the data of a read that arrives at `now` is ready.
  uint64_t read(uint64_t address, uint64_t now) {
    const uint64_t ready = burst(address, now, true);
    drain(now, false);
    return ready;
  }
  void write(uint64_t address, uint64_t now) {
    writes_.push_back(address);
    drain(now, true);
  }

 private:
  struct Bank {
    int64_t row = -1;
    uint64_t read_allowed = 0, write_allowed = 0, precharge_allowed = 0, activate_allowed = 0;
    int accesses = 0;
  };
  struct Rank {
    std::array<Bank, parameter::kBanks> banks;
    std::array<uint64_t, parameter::kActivations> activations{};
    int oldest = 0;
    uint64_t refresh = 0;
  };

  void drain(uint64_t now, bool arriving) {
    const size_t threshold = arriving ? 64 : 108;
    if (writes_.size() <= threshold) return;
    for (int i = 0; i < 16 && !writes_.empty(); ++i) {
      burst(writes_.front(), now, false);
      writes_.pop_front();
    }
  }

  uint64_t burst(uint64_t address, uint64_t now, bool is_read) {
    using namespace parameter;
    // The controller looks at one request at a time, early enough to open its row.
    if (next_burst_ > kTrp + kTrcd) now = std::max(now, next_burst_ - kTrp - kTrcd);
    uint64_t a = address / kRowBytes;
    const int bank_number = static_cast<int>(a % kBanks);
    a /= kBanks;
    const int rank_number = static_cast<int>(a % kRanks);
    const int64_t row = static_cast<int64_t>(a / kRanks);
    Rank& rank = ranks_[rank_number];
    while (now >= rank.refresh) {
      uint64_t start = rank.refresh;
      for (const Bank& b : rank.banks) start = std::max(start, b.row >= 0 ? b.precharge_allowed : start);
      for (Bank& b : rank.banks) {
        b.row = -1;
        b.activate_allowed = std::max(b.activate_allowed, start + kTrp + kTrfc);
      }
      rank.refresh += kTrefi;
    }
    Bank& bank = rank.banks[bank_number];
    if (bank.row != row) {
      if (bank.row >= 0) precharge(bank, std::max(bank.precharge_allowed, now));
      uint64_t at = std::max(bank.activate_allowed, now);
      bank.row = row;
      bank.accesses = 0;
      bank.precharge_allowed = at + kTras;
      bank.read_allowed = std::max(bank.read_allowed, at + kTrcd);
      bank.write_allowed = std::max(bank.write_allowed, at + kTrcd);
      for (int i = 0; i < kBanks; ++i) {
        const bool same = i % kBankGroups == bank_number % kBankGroups;
        rank.banks[i].activate_allowed = std::max(rank.banks[i].activate_allowed, at + (same ? kTrrdL : kTrrd));
      }
      rank.activations[rank.oldest] = at;
      rank.oldest = (rank.oldest + 1) % kActivations;
      const uint64_t earliest = rank.activations[rank.oldest];
      if (earliest != 0)
        for (Bank& b : rank.banks) b.activate_allowed = std::max(b.activate_allowed, earliest + kTxaw);
    }
    const uint64_t command = std::max({is_read ? bank.read_allowed : bank.write_allowed, next_burst_, now});
    const uint64_t ready = command + kTcl + kTburst;
    for (int j = 0; j < kRanks; ++j) {
      for (int i = 0; i < kBanks; ++i) {
        uint64_t to_read, to_write;
        if (j != rank_number) {
          to_read = to_write = kTcs + kTburst;
        } else if (i % kBankGroups == bank_number % kBankGroups) {
          to_read = is_read ? kTccdL : kTburst + kTcl + 5000;
          to_write = kTccdL;
        } else {
          to_read = is_read ? kTburst : kTburst + kTcl + 5000;
          to_write = is_read ? kTburst + 1666 : kTburst;
        }
        Bank& b = ranks_[j].banks[i];
        b.read_allowed = std::max(b.read_allowed, command + to_read);
        b.write_allowed = std::max(b.write_allowed, command + to_write);
      }
    }
    bank.precharge_allowed = std::max(bank.precharge_allowed, is_read ? command + kTrtp : ready + kTwr);
    if (++bank.accesses == kRowAccesses) precharge(bank, std::max(now, bank.precharge_allowed));
    next_burst_ = command + kTburst;
    return ready;
  }
  void precharge(Bank& bank, uint64_t at) {
    bank.row = -1;
    bank.activate_allowed = std::max(bank.activate_allowed, at + parameter::kTrp);
  }

  std::array<Rank, parameter::kRanks> ranks_;
  std::deque<uint64_t> writes_;
  uint64_t next_burst_ = 0;
};

class Memory {
 public:
  struct Counters {
    uint64_t fetches = 0, fetch_misses = 0, accesses = 0, misses = 0, l2 = 0, l2_misses = 0, l3_misses = 0;
  };

  static constexpr uint32_t kNone = ~uint32_t{0};  // no place

  // The cycle in which the processor has the answer to an access that starts in `now`.
  uint64_t data(uint64_t address, uint32_t bytes, uint64_t now, bool write) {
    const uint64_t last = address + bytes - 1, answer = data(address, now, write);
    return crosses(address, last) ? std::max(answer, data(last, now, write)) : answer;
  }
  uint64_t data(uint64_t address, uint64_t now, bool write) {
    using namespace parameter;
    const auto number = static_cast<uint32_t>(pages_.translate(address) >> 6);
    fill(now);
    if (const uint32_t place = data_.find(number); place != kNone) {
      use_data(place, now, write);
      return hit(data_.arrival(place), now);
    }
    ++counters_.accesses;
    ++counters_.misses;
    for (size_t i = 0; i < coming_count_; ++i) {
      if (coming_[i].number != number) continue;
      coming_[i].dirty |= write;
      return hit(coming_[i].arrival, now);
    }
    if (coming_count_ == coming_.size()) fill(next_);
    Line& line = coming_[coming_count_++];
    line.number = number;
    bool dirty = false;
    line.arrival = second(number, now + kL1.lookup, dirty) + kL2.response + kBusResponse;
    line.dirty = write || dirty;
    next_ = std::min(next_, line.arrival);
    return line.arrival + kL1.response;
  }
  uint64_t fetch(uint64_t address, uint64_t now) {
    const auto number = static_cast<uint32_t>(pages_.translate(address) >> 6);
    if (is_fetched(number, now)) {
      ++counters_.fetches;
      return now + parameter::kL1.lookup;
    }
    if (const uint32_t place = code_.find(number); place != kNone) {
      use_code(place, now);
      return hit(code_.arrival(place), now);
    }
    ++counters_.fetches;
    return fetch_line(number, now);
  }

  // What `data` and `fetch` would answer, without a trace. Returns the line's place for `use_data` or `use_code` in the same
  // cycle, or kNone where the first level hasn't the line, or the page has not been touched.
  uint32_t peek(uint64_t address, uint64_t now, uint64_t& answer) const {
    return now < next_ ? peek(data_, address, now, answer) : kNone;
  }
  uint32_t peek_fetch(uint64_t address, uint64_t now, uint64_t& answer) const { return peek(code_, address, now, answer); }
  void use_data(uint32_t place, uint64_t now, bool write) {
    ++counters_.accesses;
    data_.use(place);
    if (write) data_.soil(place);
    if (now < data_.arrival(place)) ++counters_.misses;
  }
  void use_code(uint32_t place, uint64_t now) {
    ++counters_.fetches;
    const uint32_t number = code_.number(place);
    if (is_fetched(number, now)) return;
    code_.use(place);
    const uint64_t arrival = code_.arrival(place);
    if (now < arrival) ++counters_.fetch_misses;
    fetched_ = number;
    fetched_filled_ = arrival + kFill;
  }
  // Fetches from the line that was fetched last.
  void count_fetches(uint64_t n) { counters_.fetches += n; }
  // Whether an access needs two lines.
  static bool crosses(uint64_t first, uint64_t last) { return (first ^ last) >> 6 != 0; }
  Pages& pages() { return pages_; }
  const Counters& counters() const { return counters_; }

 private:
  static constexpr uint64_t kFill = 3;  // cycles from a line's arrival until it can be read

  using First = Tags<parameter::kL1.bytes / parameter::kLine / parameter::kL1.ways, parameter::kL1.ways>;
  using Second = Tags<parameter::kL2.bytes / parameter::kLine / parameter::kL2.ways, parameter::kL2.ways>;
  using Third = Tags<parameter::kL3.bytes / parameter::kLine / parameter::kL3.ways, parameter::kL3.ways>;

  // A line under way.
  struct Line {
    uint32_t number;
    bool dirty;
    uint64_t arrival;
  };

  uint32_t peek(const First& cache, uint64_t address, uint64_t now, uint64_t& answer) const {
    uint64_t physical;
    if (!pages_.peek(address, physical)) return kNone;
    const uint32_t place = cache.find(static_cast<uint32_t>(physical >> 6));
    if (place != kNone) answer = hit(cache.arrival(place), now);
    return place;
  }
  // When an access to a line of the first level is answered.
  static uint64_t hit(uint64_t arrival, uint64_t now) {
    using namespace parameter;
    // Those who come while the line is under way are answered when it arrives; then it still has to be filled.
    if (now < arrival) return arrival + kL1.response + 1;
    const uint64_t filled = arrival + kFill;
    return now + kL1.lookup + (filled > now + kL1.lookup ? filled - now : 0);
  }

  // Lines that have come to the data cache by now take their places there, in the order of their arrival.
  void fill(uint64_t now) {
    while (now >= next_) {
      size_t first = 0;
      for (size_t i = 1; i < coming_count_; ++i)
        if (coming_[i].arrival < coming_[first].arrival) first = i;
      const Line came = coming_[first];
      for (size_t i = first; i + 1 < coming_count_; ++i) coming_[i] = coming_[i + 1];
      --coming_count_;
      next_ = ~uint64_t{0};
      for (size_t i = 0; i < coming_count_; ++i) next_ = std::min(next_, coming_[i].arrival);
      const uint32_t evicted = data_.insert(came.number, came.arrival, came.dirty);
      if (evicted != kNone) write_back(evicted, came.arrival);
    }
  }

  // Most fetches are of the line of the one before, and that is there.
  bool is_fetched(uint32_t number, uint64_t now) const {
    return number == fetched_ && now + parameter::kL1.lookup >= fetched_filled_;
  }
  // The instruction cache hasn't a line, which takes its place when it is asked for.
  uint64_t fetch_line(uint32_t number, uint64_t now) {
    using namespace parameter;
    ++counters_.fetch_misses;
    bool dirty = false;
    const uint64_t arrival = second(number, now + kL1.lookup, dirty) + kL2.response + kBusResponse;
    const uint32_t evicted = code_.insert(number, arrival, dirty);
    if (evicted != kNone) write_back(evicted, now);
    fetched_ = number;
    fetched_filled_ = arrival + kFill;
    return arrival + kL1.response;
  }

  // A request reaches the second level at `now`; returns the cycle from which its answer (less the response latency and
  // the bus) is under way.
  uint64_t second(uint32_t number, uint64_t now, bool& dirty) {
    using namespace parameter;
    ++counters_.l2;
    if (const uint32_t place = l2_.find(number); place != kNone) {
      l2_.use(place);
      if (now < l2_.arrival(place)) return l2_.arrival(place);
      return now + kBusForward + kL2.lookup - kL2.response;
    }
    ++counters_.l2_misses;
    const uint64_t at_third = now + kBusForward + kL2.lookup;
    const uint64_t third_forward = kBusForward + kBusFilter3 + kL3.lookup;
    uint64_t arrival;
    dirty = false;
    bool line_dirty = false;
    if (const uint32_t place = l3_.find(number); place != kNone) {
      line_dirty = l3_.dirty(place);
      arrival = at_third + third_forward + kBusResponse;
      l3_.use(place);
      l3_.remove(place);
    } else {
      ++counters_.l3_misses;
      const uint64_t at_memory = at_third + third_forward;
      const uint64_t ready = dram_.read(uint64_t{number} << 6, at_memory * kTicksPerCycle) + kFrontend + kBackend +
                             (kMemoryBusForward + kMemoryBusFilter) * kTicksPerCycle;
      arrival = (ready + kTicksPerCycle - 1) / kTicksPerCycle + kMemoryBusResponse + kL3.response + kBusResponse;
    }
    const uint32_t evicted = l2_.insert(number, arrival, line_dirty);
    if (evicted != kNone) to_third(evicted, now);
    return arrival;
  }
  void write_back(uint32_t number, uint64_t now) {
    if (const uint32_t place = l2_.find(number); place != kNone) {
      l2_.use(place);
      l2_.soil(place);
      return;
    }
    const uint32_t evicted = l2_.insert(number, now, true);
    if (evicted != kNone) to_third(evicted, now);
  }
  void to_third(uint32_t number, uint64_t now) {
    if (const uint32_t place = l3_.find(number); place != kNone) {
      l3_.use(place);
      l3_.soil(place);
      return;
    }
    const uint32_t evicted = l3_.insert(number, now, true);
    if (evicted != kNone) dram_.write(uint64_t{evicted} << 6, now * parameter::kTicksPerCycle);
  }

  Pages pages_;
  uint32_t fetched_ = ~uint32_t{0};  // the line that was fetched last
  uint64_t fetched_filled_ = 0;
  First code_, data_;
  // Lines under way to the data cache, and when the next one comes.
  std::array<Line, 128> coming_;
  size_t coming_count_ = 0;
  uint64_t next_ = ~uint64_t{0};
  Second l2_;
  Third l3_;
  Dram dram_;
  Counters counters_;
};

}  // namespace skylake
