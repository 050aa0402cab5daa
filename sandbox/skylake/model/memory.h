// Caches, buses and DRAM: when does an access that starts in a given cycle get its answer?
//
// State changes in program order, times are those of the reference simulator's classic memory system: each level
// answers after its lookup, misses travel over the buses, a line in flight answers all who wait when it arrives.
#pragma once

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
  // Without a trace; false if the page has not been touched.
  bool peek(uint64_t address, uint64_t& physical) const {
    const uint64_t page = address >> 12;
    const Slot& slot = recent_[place(page)];
    uint64_t frame = slot.frame;
    if (slot.page != page) {
      const auto it = frames_.find(page);
      if (it == frames_.end()) return false;
      frame = it->second;
    }
    physical = (frame << 12) | (address & 0xfff);
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
  std::array<Slot, kRecent> recent_{};
  std::unordered_map<uint64_t, uint64_t> frames_;
  uint64_t next_ = 256;
};

// A set-associative array of lines with tree pseudo-LRU replacement.
template <uint32_t kSets, uint32_t kWays>
class Tags {
 public:
  struct Line {
    uint32_t number = ~uint32_t{0};  // physical address / 64
    bool dirty = false;
    uint64_t arrival = 0;  // cycle at which its data came or will come
  };

  Tags() : lines_(kSets * kWays), trees_(kSets), recent_(kSets) {}

  // Without a trace.
  const Line* peek(uint32_t number) const {
    const uint32_t set = number & (kSets - 1);
    const Line* line = &lines_[set * kWays];
    if (line[recent_[set]].number == number) return &line[recent_[set]];
    for (uint32_t way = 0; way < kWays; ++way)
      if (line[way].number == number) return &line[way];
    return nullptr;
  }
  Line* find(uint32_t number) {
    const uint32_t set = number & (kSets - 1);
    Line* line = &lines_[set * kWays];
    // Nothing changes if it is the line that was used last.
    if (line[recent_[set]].number == number) return &line[recent_[set]];
    for (uint32_t way = 0; way < kWays; ++way) {
      if (line[way].number == number) {
        touch(set, way);
        return &line[way];
      }
    }
    return nullptr;
  }
  // Replaces the victim by `number`; `evicted` receives what was there.
  Line* insert(uint32_t number, Line& evicted) {
    const uint32_t set = number & (kSets - 1);
    uint32_t node = 1;
    for (uint32_t level = kWays; level > 1; level /= 2) node = 2 * node + ((trees_[set] >> node) & 1);
    const uint32_t way = node - kWays;
    Line* line = &lines_[set * kWays + way];
    evicted = *line;
    line->number = number;
    line->dirty = false;
    touch(set, way);
    return line;
  }
  // The freed way is the next victim.
  void remove(Line* line) {
    line->number = ~uint32_t{0};
    line->dirty = false;
    const uint32_t position = static_cast<uint32_t>(line - lines_.data());
    const uint32_t set = position / kWays;
    uint32_t tree = trees_[set], node = position % kWays + kWays;
    while (node > 1) {
      const uint32_t child = node & 1;
      node /= 2;
      tree = child ? tree | (1u << node) : tree & ~(1u << node);
    }
    trees_[set] = tree;
  }

 private:
  void touch(uint32_t set, uint32_t way) {
    uint32_t tree = trees_[set], node = way + kWays;
    while (node > 1) {
      const uint32_t child = node & 1;
      node /= 2;
      tree = child ? tree & ~(1u << node) : tree | (1u << node);
    }
    trees_[set] = tree;
    recent_[set] = static_cast<uint8_t>(way);
  }
  std::vector<Line> lines_;
  std::vector<uint32_t> trees_;
  std::vector<uint8_t> recent_;
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

  // The cycle in which the processor has the answer to an access that starts in `now`.
  uint64_t data(uint64_t address, uint64_t now, bool write) {
    using namespace parameter;
    ++counters_.accesses;
    const auto number = static_cast<uint32_t>(pages_.translate(address) >> 6);
    fill(now);
    if (First::Line* line = data_.find(number)) {
      line->dirty |= write;
      if (now < line->arrival) ++counters_.misses;
      return hit(*line, now);
    }
    ++counters_.misses;
    for (size_t i = 0; i < coming_count_; ++i) {
      if (coming_[i].number != number) continue;
      coming_[i].dirty |= write;
      return hit(coming_[i], now);
    }
    if (coming_count_ == coming_.size()) fill(next_);
    First::Line& line = coming_[coming_count_++];
    line.number = number;
    bool dirty = false;
    line.arrival = second(number, now + kL1.lookup, dirty) + kL2.response + kBusResponse;
    line.dirty = write || dirty;
    next_ = std::min(next_, line.arrival);
    return line.arrival + kL1.response;
  }
  uint64_t fetch(uint64_t address, uint64_t now) {
    ++counters_.fetches;
    const auto number = static_cast<uint32_t>(pages_.translate(address) >> 6);
    // Most fetches are of the line of the one before, and that is there.
    if (number == fetched_ && now + parameter::kL1.lookup >= fetched_filled_) return now + parameter::kL1.lookup;
    const uint64_t answer = code(number, now);
    fetched_ = number;
    fetched_filled_ = code_.find(number)->arrival + kFill;
    return answer;
  }
  // What `data` and `fetch` would answer, without a trace; false where the first level hasn't the line, or the page has not
  // been touched.
  bool peek(uint64_t address, uint64_t now, uint64_t& answer) const {
    return now < next_ && peek(data_, address, now, answer);
  }
  bool peek_fetch(uint64_t address, uint64_t now, uint64_t& answer) const { return peek(code_, address, now, answer); }
  Pages& pages() { return pages_; }
  const Counters& counters() const { return counters_; }

 private:
  static constexpr uint64_t kFill = 3;  // cycles from a line's arrival until it can be read

  using First = Tags<parameter::kL1.bytes / parameter::kLine / parameter::kL1.ways, parameter::kL1.ways>;
  using Second = Tags<parameter::kL2.bytes / parameter::kLine / parameter::kL2.ways, parameter::kL2.ways>;
  using Third = Tags<parameter::kL3.bytes / parameter::kLine / parameter::kL3.ways, parameter::kL3.ways>;

  bool peek(const First& cache, uint64_t address, uint64_t now, uint64_t& answer) const {
    uint64_t physical;
    if (!pages_.peek(address, physical)) return false;
    const First::Line* line = cache.peek(static_cast<uint32_t>(physical >> 6));
    if (line == nullptr) return false;
    answer = hit(*line, now);
    return true;
  }
  // When an access to a line of the first level is answered.
  static uint64_t hit(const First::Line& line, uint64_t now) {
    using namespace parameter;
    // Those who come while the line is under way are answered when it arrives; then it still has to be filled.
    if (now < line.arrival) return line.arrival + kL1.response + 1;
    const uint64_t filled = line.arrival + kFill;
    return now + kL1.lookup + (filled > now + kL1.lookup ? filled - now : 0);
  }

  // Lines that have come to the data cache by now take their places there, in the order of their arrival.
  void fill(uint64_t now) {
    while (now >= next_) {
      size_t first = 0;
      for (size_t i = 1; i < coming_count_; ++i)
        if (coming_[i].arrival < coming_[first].arrival) first = i;
      const First::Line came = coming_[first];
      for (size_t i = first; i + 1 < coming_count_; ++i) coming_[i] = coming_[i + 1];
      --coming_count_;
      next_ = ~uint64_t{0};
      for (size_t i = 0; i < coming_count_; ++i) next_ = std::min(next_, coming_[i].arrival);
      First::Line evicted;
      First::Line* line = data_.insert(came.number, evicted);
      line->arrival = came.arrival;
      line->dirty = came.dirty;
      if (evicted.dirty) write_back(evicted.number, came.arrival);
    }
  }

  // An access to the instruction cache; a line takes its place when it is asked for.
  uint64_t code(uint32_t number, uint64_t now) {
    using namespace parameter;
    if (const First::Line* line = code_.find(number)) {
      if (now < line->arrival) ++counters_.fetch_misses;
      return hit(*line, now);
    }
    ++counters_.fetch_misses;
    bool dirty = false;
    const uint64_t arrival = second(number, now + kL1.lookup, dirty) + kL2.response + kBusResponse;
    First::Line evicted;
    First::Line* line = code_.insert(number, evicted);
    line->arrival = arrival;
    line->dirty = dirty;
    if (evicted.dirty) write_back(evicted.number, now);
    return arrival + kL1.response;
  }

  // A request reaches the second level at `now`; returns the cycle from which its answer (less the response latency and
  // the bus) is under way.
  uint64_t second(uint32_t number, uint64_t now, bool& dirty) {
    using namespace parameter;
    ++counters_.l2;
    if (Second::Line* line = l2_.find(number)) {
      if (now < line->arrival) return line->arrival;
      return now + kBusForward + kL2.lookup - kL2.response;
    }
    ++counters_.l2_misses;
    const uint64_t at_third = now + kBusForward + kL2.lookup;
    const uint64_t third_forward = kBusForward + kBusFilter3 + kL3.lookup;
    uint64_t arrival;
    dirty = false;
    bool line_dirty = false;
    if (Third::Line* line = l3_.find(number)) {
      line_dirty = line->dirty;
      arrival = at_third + third_forward + kBusResponse;
      l3_.remove(line);
    } else {
      ++counters_.l3_misses;
      const uint64_t at_memory = at_third + third_forward;
      const uint64_t ready = dram_.read(uint64_t{number} << 6, at_memory * kTicksPerCycle) + kFrontend + kBackend +
                             (kMemoryBusForward + kMemoryBusFilter) * kTicksPerCycle;
      arrival = (ready + kTicksPerCycle - 1) / kTicksPerCycle + kMemoryBusResponse + kL3.response + kBusResponse;
    }
    Second::Line evicted;
    Second::Line* line = l2_.insert(number, evicted);
    line->arrival = arrival;
    line->dirty = line_dirty;
    if (evicted.dirty) to_third(evicted.number, now);
    return arrival;
  }
  void write_back(uint32_t number, uint64_t now) {
    if (Second::Line* line = l2_.find(number)) {
      line->dirty = true;
      return;
    }
    Second::Line evicted;
    Second::Line* line = l2_.insert(number, evicted);
    line->dirty = true;
    line->arrival = now;
    if (evicted.dirty) to_third(evicted.number, now);
  }
  void to_third(uint32_t number, uint64_t now) {
    if (Third::Line* line = l3_.find(number)) {
      line->dirty = true;
      return;
    }
    Third::Line evicted;
    Third::Line* line = l3_.insert(number, evicted);
    line->dirty = true;
    if (evicted.dirty) dram_.write(uint64_t{evicted.number} << 6, now * parameter::kTicksPerCycle);
  }

  Pages pages_;
  uint32_t fetched_ = ~uint32_t{0};  // the line that was fetched last
  uint64_t fetched_filled_ = 0;
  First code_, data_;
  // Lines under way to the data cache, and when the next one comes.
  std::array<First::Line, 128> coming_;
  size_t coming_count_ = 0;
  uint64_t next_ = ~uint64_t{0};
  Second l2_;
  Third l3_;
  Dram dram_;
  Counters counters_;
};

}  // namespace skylake
