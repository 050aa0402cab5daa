// Remembers the timing of blocks (Schnarr and Larus, "Fast Out-Of-Order Processor Simulation Using Memoization", ASPLOS
// 1998).
//
// Between two blocks the state of the pipeline is written down in a normal form: cycles relative to the one in which fetch
// is, everything too old to bind what comes as if it had never been. Equal forms behave equally. From a state, a block and
// equal answers (recording.h) the same state follows, after the same number of cycles; so a block's execution that has been
// seen becomes a look at the caches, the predictors and the store queue, which are asked as always, and a comparison. Where
// the answers differ the state is put back into the core, which runs the block itself; so the cycles are the same with this
// as without it.
//
// Two things are kept out of the state, since they would hardly ever repeat. Loads and stores have ports of their own, so
// only the number of taken ones matters. And operations that may use any of the four integer ports don't care which: a state
// holds taken ports relative to the port used last. Blocks with other operations are compared with the ports used last by
// each class.
#pragma once

#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <vector>

#include "core.h"
#include "recording.h"
#include "uop.h"

namespace skylake {

// What memoising needs to know of a block.
struct Facts {
  Facts() = default;
  Facts(const std::vector<Decoded>& instructions, const std::vector<Uop>& uops);

  bool regular = false;  // memoised at all
  bool known = false;    // `pattern` was learnt
  uint32_t instructions = 0, uops = 0, integers = 0, floats = 0, loads = 0, stores = 0;
  uint64_t first_fetch_block = 0;
  uint64_t branch = 0, target = 0, fall_through = 0;  // addresses of the last instruction
  Control control = Control::kNone;
  std::vector<uint8_t> classes;   // of operations whose port matters
  std::vector<uint32_t> pattern;  // instruction << 1 | store of each access, as in the first execution
  uint64_t runs = 0;              // that were followed
};

inline Facts::Facts(const std::vector<Decoded>& all, const std::vector<Uop>& every) {
  const Decoded& last = all.back();
  instructions = static_cast<uint32_t>(all.size());
  uops = static_cast<uint32_t>(every.size());
  first_fetch_block = all.front().address / parameter::kFetchBytes;
  branch = last.address;
  target = last.target;
  fall_through = last.address + last.size;
  control = last.control;
  regular = uops > 0 && control != Control::kSystem;
  for (size_t i = 0; i < all.size(); ++i) {
    const Decoded& one = all[i];
    const bool branches = i + 1 == all.size() && one.control != Control::kNone;
    regular = regular && (one.plain || branches) && one.loop == Loop::kNone && one.count > 0;
    for (int k = 0; k < one.count; ++k) {
      const uint8_t flags = every[one.first + static_cast<size_t>(k)].flags;
      if ((flags & Uop::kTrap) != 0) regular = false;
      if ((flags & Uop::kBranch) != 0 && !(branches && k == one.count - 1)) regular = false;
    }
  }
  std::array<bool, static_cast<int>(Op::kCount)> used{};
  for (const Uop& uop : every) {
    integers += uop.integers;
    floats += uop.floats;
    loads += uop.op == Op::kLoad;
    stores += uop.op == Op::kStore;
    used[static_cast<size_t>(uop.op)] = true;
  }
  for (const Op op : {Op::kIntAlu, Op::kLoad, Op::kStore}) used[static_cast<size_t>(op)] = false;
  for (size_t op = 0; op < used.size(); ++op)
    if (used[op] && parameter::kUnits[op].ports != 0) classes.push_back(static_cast<uint8_t>(op));
  if (!classes.empty()) classes.push_back(static_cast<uint8_t>(Op::kIntAlu));
}

class Memo {
 public:
  explicit Memo(Core& core) : core_(core), form_(kLongestForm) {
    void* room = mmap(nullptr, kRoom, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    enabled_ = room != MAP_FAILED;
    room_ = static_cast<uint8_t*>(room);
    table_ = reinterpret_cast<State**>(room_);
    used_ = kTable * sizeof(State*);
  }
  void disable() { enabled_ = false; }

  // Accounts for a block without running it, if it ran from the same state with the same answers before.
  bool follow(Facts& facts, const Access* accesses, size_t n, uint64_t next) {
    if (state_ == nullptr || !facts.regular || !is_usual(facts, accesses, n)) return false;
    if (core_.memory_operations_ + static_cast<int>(facts.stores) > parameter::kStoreSetClear) return false;
    for (Transition* one = state_->first; one != nullptr; one = one->sibling) {
      if (one->facts != &facts || !matches(*one, accesses, next)) continue;
      apply(*one, accesses, next);
      ++followed_;
      return true;
    }
    return false;
  }

  // Before the core runs a block itself.
  void begin(Facts& facts, const Access* accesses, size_t n) {
    if (state_ == nullptr) return;
    if (!present_) restore(*state_);
    present_ = true;
    Recording& recording = core_.recording_;
    if (!facts.regular || !is_usual(facts, accesses, n)) return;
    recording.on = true;
    recording.spoiled = core_.memory_operations_ + static_cast<int>(facts.stores) > parameter::kStoreSetClear;
    recording.base = core_.fetch_;
    recording.first_fetch_block = facts.first_fetch_block;
    recording.first_access = accesses;
    recording.learned = recording.committed = 0;
    recording.count = 0;
    turns_ = core_.turn_;
    second_ = core_.memory_.counters().l2;
  }

  // After it.
  void end(Facts& facts, uint64_t next) {
    Recording& recording = core_.recording_;
    if (!enabled_) return;
    if (!awake()) {
      state_ = nullptr;
      recording.on = false;
      return;
    }
    State* const before = state_;
    state_ = intern();
    if (recording.on && !recording.spoiled && before != nullptr && state_ != nullptr &&
        core_.memory_.counters().l2 == second_ && core_.last_commit_ > recording.base)
      remember(*before, facts, next);
    recording.on = false;
  }

 private:
  static constexpr size_t kRoom = size_t{96} << 20, kTable = size_t{1} << 18, kLongestForm = 4096;
  static constexpr uint64_t kWindow = 256, kFewest = 160, kLongestPause = 8192;
  static constexpr int kIntegerPorts = 4;
  static constexpr std::array<uint8_t, kIntegerPorts> kPort = {0, 1, 5, 6};
  static constexpr std::array<uint8_t, 8> kPlace = {0, 1, 0, 0, 0, 2, 3, 0};
  static constexpr unsigned kLoadPorts = parameter::kUnits[static_cast<int>(Op::kLoad)].ports;
  static constexpr unsigned kStorePorts = parameter::kUnits[static_cast<int>(Op::kStore)].ports;
  static_assert(parameter::kUnits[static_cast<int>(Op::kIntAlu)].ports == 0x63 && kLoadPorts == 0x0c && kStorePorts == 0x90,
                "the normal form relies on these ports");

  struct Transition;
  struct State {
    uint64_t hash;
    Transition* first;
    uint32_t size;  // 16-bit words of the form, which follows
    const uint16_t* form() const { return reinterpret_cast<const uint16_t*>(this + 1); }
    uint16_t* form() { return reinterpret_cast<uint16_t*>(this + 1); }
  };
  struct Transition {
    Transition* sibling;
    const Facts* facts;
    State* next;
    int32_t fetched, committed;  // where fetch and commit are afterwards, relative to the block's start
    int32_t learned, branch_committed;
    uint32_t count;  // of the questions, which follow; then the ports used last, before and after, of the block's classes
    uint8_t turn;    // by how many ports integer operations went on
    bool taken;
    const Question* questions() const { return reinterpret_cast<const Question*>(this + 1); }
    Question* questions() { return reinterpret_cast<Question*>(this + 1); }
    const uint8_t* turns() const { return reinterpret_cast<const uint8_t*>(questions() + count); }
    uint8_t* turns() { return reinterpret_cast<uint8_t*>(questions() + count); }
  };
  static_assert(sizeof(Transition) % alignof(Question) == 0, "questions follow");

  static bool is_usual(Facts& facts, const Access* accesses, size_t n) {
    if (!facts.known) {
      for (size_t i = 0; i < n; ++i) facts.pattern.push_back(accesses[i].instruction << 1 | accesses[i].store);
      facts.known = true;
    }
    if (n != facts.pattern.size()) return false;
    for (size_t i = 0; i < n; ++i)
      if (facts.pattern[i] != (accesses[i].instruction << 1 | accesses[i].store)) return false;
    return true;
  }

  // Where too little repeats, writing states down doesn't pay: pauses get longer as long as that is so.
  bool awake() {
    if (paused_ > 0) {
      --paused_;
      return false;
    }
    if (++ran_ + followed_ >= kWindow) {
      const bool worth = followed_ >= kFewest;
      ran_ = followed_ = 0;
      pause_ = worth ? kWindow : std::min(2 * pause_, kLongestPause);
      if (!worth) {
        paused_ = pause_;
        return false;
      }
    }
    return true;
  }

  // ---- following

  bool matches(const Transition& one, const Access* accesses, uint64_t next) {
    const Facts& facts = *one.facts;
    const uint64_t base = core_.fetch_;
    const uint8_t* turns = one.turns();
    for (const uint8_t op : facts.classes)
      if (core_.turn_[op] != *turns++) return false;
    undone_.buckets = undone_.writes = 0;
    undone_.stored = core_.store_count_;
    undone_.written = core_.written_;
    undone_.last_done = core_.last_store_done_;
    const Question* const questions = one.questions();
    for (uint32_t i = 0; i < one.count; ++i) {
      if (agrees(questions[i], facts, accesses, base)) continue;
      take_back();
      return false;
    }
    if (branch_agrees(one, base, next)) return true;
    take_back();
    return false;
  }

  bool agrees(const Question& question, const Facts& facts, const Access* accesses, uint64_t base) {
    uint64_t answer;
    if (question.kind == Question::Kind::kFetch) {
      const uint64_t address = (facts.first_fetch_block + question.place) * parameter::kFetchBytes;
      return core_.memory_.peek_fetch(address, base + question.at, answer) && answer == base + question.at + question.latency;
    }
    if (question.kind == Question::Kind::kWrite) {
      Core::Store& store = core_.stores_[core_.written_ % Core::kStores];
      const uint64_t sent = std::max(store.sent, core_.last_store_done_);
      if (sent != base + question.at) return false;
      if (store.bytes != 0 && !cache_agrees(question, store.address, store.bytes, base)) return false;
      undone_.sent[undone_.writes++] = store.sent;
      store.sent = sent;
      store.done = core_.last_store_done_ = sent + question.latency;
      ++core_.written_;
      return true;
    }
    if (core_.sets_[question.place] != question.set) return false;
    const bool accessed = question.answer != Question::kNoAccess;
    const uint64_t address = accessed ? accesses[question.access].address : 0;
    if (question.kind == Question::Kind::kLoad) {
      if (!accessed) return true;
      const Core::Found found = core_.search(address, question.bytes, base + question.executed);
      if (found.violated != 0) return false;
      const uint8_t expected = found.source == 0 ? Question::kAccess
                               : found.forwards  ? Question::kForwarded
                                                 : Question::kWaited;
      if (expected != question.answer || (found.source != 0 && core_.store_count_ - found.source != question.source))
        return false;
      if (expected == Question::kForwarded) return core_.memory_.pages().touched(address);
      return cache_agrees(question, address, question.bytes, base);
    }
    if (accessed && !core_.memory_.pages().touched(address)) return false;
    const uint64_t number = ++core_.store_count_;
    Core::Store& store = core_.stores_[(number - 1) % Core::kStores];
    store.number = number;
    store.issued = base + question.issued;
    store.set = question.set;
    store.executed = base + question.executed;
    store.sent = base + question.at;
    store.done = Core::kUnwritten;
    store.address = address;
    store.bytes = question.bytes;
    if (store.bytes != 0) {
      const uint64_t last = (address + question.bytes - 1) >> parameter::kDependenceShift;
      for (const uint64_t bucket : {address >> parameter::kDependenceShift, last})
        undone_.bucket[undone_.buckets++] = {bucket % Core::kBuckets, core_.last_in_bucket_[bucket % Core::kBuckets]};
    }
    core_.enter_buckets(store);
    return true;
  }

  bool cache_agrees(const Question& question, uint64_t address, uint32_t bytes, uint64_t base) const {
    const uint64_t now = base + question.at, last = address + bytes - 1;
    uint64_t answer, other;
    if (!core_.memory_.peek(address, now, answer)) return false;
    if ((address ^ last) >> 6 != 0) {
      if (!core_.memory_.peek(last, now, other)) return false;
      answer = std::max(answer, other);
    }
    return answer == now + question.latency;
  }

  bool branch_agrees(const Transition& one, uint64_t base, uint64_t next) {
    const Facts& facts = *one.facts;
    switch (facts.control) {
      case Control::kNone:
        return true;
      case Control::kConditional: {
        const bool taken = next == facts.target && next != 0;
        if (taken != one.taken) return false;
        core_.learn(base + one.learned);
        DirectionPredictor::Record& record = core_.expect().record;
        core_.direction_.predict(facts.branch, record);
        return record.taken == taken && (!taken || core_.targets_.lookup(facts.branch) == facts.target);
      }
      case Control::kJump:
      case Control::kCall:
        return core_.targets_.lookup(facts.branch) == facts.target;
      case Control::kReturn:
        return core_.returns_.top() == next;
      default:
        return core_.indirect_.lookup(facts.branch) == next;
    }
  }

  // What `matches` did to the store queue.
  void take_back() {
    while (undone_.buckets > 0) {
      const auto& [bucket, number] = undone_.bucket[--undone_.buckets];
      core_.last_in_bucket_[bucket] = number;
    }
    while (undone_.writes > 0) {
      Core::Store& store = core_.stores_[--core_.written_ % Core::kStores];
      store.sent = undone_.sent[--undone_.writes];
      store.done = Core::kUnwritten;
    }
    core_.store_count_ = undone_.stored;
    core_.last_store_done_ = undone_.last_done;
  }

  void apply(const Transition& one, const Access* accesses, uint64_t next) {
    Facts& facts = *const_cast<Facts*>(one.facts);
    Core& core = core_;
    const uint64_t base = core.fetch_;
    const Question* const questions = one.questions();
    uint64_t stored = undone_.stored, written = undone_.written;
    for (uint32_t i = 0; i < one.count; ++i) {
      const Question& question = questions[i];
      const uint64_t at = base + question.at;
      switch (question.kind) {
        case Question::Kind::kFetch:
          core.memory_.fetch((facts.first_fetch_block + question.place) * parameter::kFetchBytes, at);
          break;
        case Question::Kind::kLoad:
          if (question.answer == Question::kForwarded) {
            ++core.statistics_.forwards;
          } else if (question.answer != Question::kNoAccess) {
            use_cache(accesses[question.access].address, question.bytes, at, false);
          }
          break;
        case Question::Kind::kStore:
          core.store_pc_[stored++ % Core::kStores] = uint64_t{question.place} << parameter::kPcShift;
          if (question.set != 0)
            core.last_of_set_[question.set - 1u] = {base + question.issued, base + question.executed, true};
          break;
        case Question::Kind::kWrite: {
          const Core::Store& store = core.stores_[written++ % Core::kStores];
          if (store.bytes != 0) use_cache(store.address, store.bytes, at, true);
        }
      }
    }
    core.memory_operations_ += static_cast<int>(facts.stores);
    finish_branch(one, base, next);
    core.statistics_.instructions += facts.instructions;
    ++facts.runs;
    core.count_ += facts.uops;
    core.integer_count_ += facts.integers;
    core.float_count_ += facts.floats;
    core.load_count_ += facts.loads;
    core.fetch_ = base + one.fetched;
    core.last_commit_ = base + one.committed;
    uint8_t& turn = core.turn_[static_cast<int>(Op::kIntAlu)];
    if (facts.classes.empty()) {
      turn = kPort[(kPlace[turn] + one.turn) % kIntegerPorts];
    } else {
      const uint8_t* after = one.turns() + facts.classes.size();
      for (const uint8_t op : facts.classes) core.turn_[op] = *after++;
    }
    state_ = one.next;
    present_ = false;
  }

  void use_cache(uint64_t address, uint32_t bytes, uint64_t at, bool write) {
    const uint64_t last = address + bytes - 1;
    core_.memory_.data(address, at, write);
    if ((address ^ last) >> 6 != 0) core_.memory_.data(last, at, write);
  }

  void finish_branch(const Transition& one, uint64_t base, uint64_t next) {
    const Facts& facts = *one.facts;
    Core& core = core_;
    switch (facts.control) {
      case Control::kNone:
        return;
      case Control::kConditional: {
        Core::PendingUpdate& update = core.expect();
        core.direction_.push(facts.branch, one.taken);
        core.indirect_.direction(one.taken);
        update.commit = base + one.branch_committed;
        update.taken = one.taken;
        ++core.pending_last_;
        return;
      }
      case Control::kJump:
        break;
      case Control::kCall:
        core.returns_.push(facts.fall_through);
        break;
      case Control::kReturn:
        core.returns_.pop();
        break;
      default:
        if (facts.control == Control::kIndirectCall) core.returns_.push(facts.fall_through);
        core.indirect_.resolve(facts.branch, next, false);
    }
    core.direction_.push(facts.branch, true);
    core.indirect_.direction(true);
  }

  void remember(State& before, const Facts& facts, uint64_t next) {
    const Recording& recording = core_.recording_;
    const size_t turns = 2 * facts.classes.size();
    const size_t size = sizeof(Transition) + recording.count * sizeof(Question) + turns;
    void* place = take(size);
    if (place == nullptr) return;
    Transition& one = *static_cast<Transition*>(place);
    one.facts = &facts;
    one.next = state_;
    one.fetched = recording.relative(core_.fetch_);
    one.committed = recording.relative(core_.last_commit_);
    one.learned = recording.learned;
    one.branch_committed = recording.committed;
    one.count = static_cast<uint32_t>(recording.count);
    constexpr int kInteger = static_cast<int>(Op::kIntAlu);
    one.turn = static_cast<uint8_t>(kPlace[core_.turn_[kInteger]] + kIntegerPorts - kPlace[turns_[kInteger]]) % kIntegerPorts;
    one.taken = facts.control == Control::kConditional && next == facts.target && next != 0;
    std::copy_n(recording.questions.begin(), recording.count, one.questions());
    uint8_t* out = one.turns();
    for (const uint8_t op : facts.classes) *out++ = turns_[op];
    for (const uint8_t op : facts.classes) *out++ = core_.turn_[op];
    one.sibling = before.first;
    before.first = &one;
  }

  // ---- states

  // Writes the normal form; false if a cycle is too far away for it.
  bool normalise() {
    Core& core = core_;
    using namespace parameter;
    const uint64_t now = core.fetch_;
    uint16_t* out = form_.data();
    uint64_t farthest = 0;
    const auto put = [&](uint64_t value) { *out++ = static_cast<uint16_t>(value); };
    const auto relative = [&](uint64_t cycle, uint64_t past) {
      const uint64_t value = cycle <= now + past ? 0 : cycle - now;
      farthest |= value;
      put(value);
    };
    const auto signed_relative = [&](uint64_t cycle) {
      const uint64_t value = cycle + kMiddle - now;
      farthest |= value;
      put(value);
    };
    // The entries of a ring from the youngest to the first that is past.
    const auto ring = [&](const auto& entries, uint64_t count, uint64_t most, uint64_t past) {
      uint16_t* const length = out++;
      const uint64_t bound = now + past;
      uint64_t i = 1;
      for (; i <= most; ++i) {
        const uint64_t cycle = entries[(count - i) % Core::kRing];
        if (cycle <= bound) break;
        farthest |= cycle - now;
        put(cycle - now);
      }
      *length = static_cast<uint16_t>(i - 1);
      return i - 1;
    };
    put(static_cast<uint64_t>(core.slots_));
    for (int shift = 0; shift < 64; shift += 16) put(core.buffer_ >> shift);
    put(core.looping_);
    ring(core.decode_, core.count_, kFetchQueue, 2);
    relative(core.last_rename_, 3);
    put(core.last_rename_ <= now + 3 ? 0 : static_cast<uint64_t>(core.renamed_in_cycle_));
    relative(core.rename_floor_, 4);
    const uint64_t renames = std::max({now + 4, core.last_rename_, core.rename_floor_});  // none is earlier
    {
      uint16_t* const length = out++;
      uint64_t i = 1;
      for (; i <= kWindowOfRename; ++i) {
        const uint64_t cycle = core.rename_[(core.count_ - i) % Core::kRing];
        if (i > Core::kDecodeAhead ? cycle + 10 <= renames : cycle + 10 <= now + 4) break;
        farthest |= cycle + 10 - now;
        put(cycle + 10 - now);
      }
      *length = static_cast<uint16_t>(i - 1);
    }
    const uint64_t live_entries = ring(core.commit_, core.count_, kRingUsed, 2);
    if (live_entries == kRingUsed || core.dead_next_ != 0) return false;
    {
      uint16_t* const length = out++;
      for (uint64_t i = 1; i <= live_entries; ++i) {
        const uint16_t squashed = core.squashed_[(core.count_ - i) % Core::kRing];
        if (squashed == 0) continue;
        put(i);
        put(squashed);
      }
      *length = static_cast<uint16_t>((out - length - 1) / 2);
    }
    ring(core.integer_commit_, core.integer_count_, Core::kRing / 2, 2);
    ring(core.float_commit_, core.float_count_, Core::kRing / 2, 2);
    ring(core.load_commit_, core.load_count_, Core::kRing / 2, 2);
    relative(core.late_from_, 0);
    relative(core.late_from_ <= now ? 0 : core.decode_floor_, 3);
    relative(core.late_decode_floor_, 3);
    // issue queue: how many leave in which cycle
    {
      uint64_t left = core.left_queue_, cycle = core.queue_cycle_;
      while (cycle < now + 3 && cycle < core.last_removed_) left += core.removed_[++cycle % Core::kRemoved];
      cycle = std::max(cycle, now + 3);
      uint64_t inside = core.count_ - left;
      put(inside);
      while (inside > 0) {
        if (++cycle - now > 0xffff) return false;
        const uint16_t leave = core.removed_[cycle % Core::kRemoved];
        if (leave == 0) continue;
        put(cycle - now);
        put(leave);
        inside -= leave;
      }
    }
    uint16_t* const live = out++;
    *live = 0;
    for (int r = 0; r < reg::kCount; ++r) {
      const uint64_t cycle = core.ready_[static_cast<size_t>(r)];
      if (cycle <= now + 13) continue;
      ++*live;
      farthest |= cycle - now;
      put(static_cast<uint64_t>(r));
      put(cycle - now);
    }
    {
      const int turn = kPlace[core.turn_[static_cast<int>(Op::kIntAlu)]] + 1;
      uint16_t* const length = out++;
      uint64_t cycle = now + 13;
      if (core.last_busy_ >= cycle + kLongestForm / 4) return false;
      for (; cycle <= core.last_busy_; ++cycle) {
        const uint64_t entry = core.busy_[cycle % Core::kBusy];
        unsigned taken = entry >> 8 == cycle ? static_cast<unsigned>(entry & 0xff) : 0;
        unsigned integer = (taken & 3) | (taken >> 3 & 12);
        integer = (integer | integer << 4) >> turn & 15;
        put(integer | ((taken >> 2 & 1) + (taken >> 3 & 1)) << 4 |
            ((taken >> 4 & 1) + (taken >> 7 & 1)) << 6);
      }
      while (out > length + 1 && out[-1] == 0) --out;
      *length = static_cast<uint16_t>(out - length - 1);
    }
    relative(core.last_commit_, 2);
    put(core.last_commit_ <= now + 20 ? 0 : static_cast<uint64_t>(core.committed_in_cycle_));
    relative(core.commit_floor_, 20);
    relative(core.load_barrier_, 13);
    relative(core.store_barrier_, 13);
    for (uint64_t i = 0; i < kStoreQueue && i < core.store_count_; ++i) {
      const Core::Store& store = core.stores_[(core.store_count_ - 1 - i) % Core::kStores];
      if (store.done == Core::kUnwritten) {
        put(kUnwrittenMark);
        signed_relative(store.sent);
      } else {
        if (store.done <= now + 2) break;
        relative(store.done, 2);
        relative(store.sent, 13);
      }
      relative(store.executed, 13);
      if (store.set == 0 || store.issued < now + 13) continue;
      const Core::StoreSet& last = core.last_of_set_[store.set - 1u];
      if (!last.valid || last.issued != store.issued || last.executed != store.executed) continue;
      put(kSetMark);
      put(store.set);
      relative(store.issued, 12);
    }
    const bool waiting = core.written_ != core.store_count_;
    if (!waiting) {
      relative(core.last_store_done_, 2);
    } else if (core.last_store_done_ > core.stores_[core.written_ % Core::kStores].sent) {
      signed_relative(core.last_store_done_);
    }
    size_ = static_cast<uint32_t>(out - form_.data());
    return farthest < kUnwrittenMark;
  }

  State* intern() {
    if (!normalise()) return nullptr;
    uint64_t hash = size_;
    const size_t padded = (size_ + 3) / 4;
    std::fill(form_.begin() + size_, form_.begin() + static_cast<ptrdiff_t>(4 * padded), uint16_t{0});
    for (size_t i = 0; i < padded; ++i) {
      uint64_t word;
      std::memcpy(&word, form_.data() + 4 * i, sizeof word);
      hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
      hash ^= hash >> 29;
    }
    size_t at = hash % kTable;
    for (; table_[at] != nullptr; at = (at + 1) % kTable) {
      State& state = *table_[at];
      if (state.hash == hash && state.size == size_ && std::memcmp(state.form(), form_.data(), size_ * sizeof(uint16_t)) == 0)
        return &state;
    }
    void* place = states_ < kTable / 2 ? take(sizeof(State) + size_ * sizeof(uint16_t)) : nullptr;
    if (place == nullptr) {
      forget();
      return nullptr;
    }
    ++states_;
    State& state = *static_cast<State*>(place);
    state = {hash, nullptr, size_};
    std::memcpy(state.form(), form_.data(), size_ * sizeof(uint16_t));
    return table_[at] = &state;
  }

  // Puts a state into the core. What the core holds from before is past, except where it is written over here.
  void restore(const State& state) {
    Core& core = core_;
    const uint64_t now = core.fetch_;
    const uint16_t* in = state.form();
    const auto get = [&] { return static_cast<uint64_t>(*in++); };
    const auto cycle = [&] {
      const uint64_t value = get();
      return value == 0 ? 0 : now + value;
    };
    const auto ring = [&](auto& entries, uint64_t count) {
      const uint64_t length = get();
      for (uint64_t i = 1; i <= length; ++i) entries[(count - i) % Core::kRing] = now + get();
      return length;
    };
    core.slots_ = static_cast<int>(get());
    core.buffer_ = 0;
    for (int shift = 0; shift < 64; shift += 16) core.buffer_ |= get() << shift;
    core.looping_ = get() != 0;
    ring(core.decode_, core.count_);
    core.last_rename_ = cycle();
    core.renamed_in_cycle_ = static_cast<int>(get());
    core.rename_floor_ = cycle();
    {
      const uint64_t length = get();
      for (uint64_t i = 1; i <= length; ++i) core.rename_[(core.count_ - i) % Core::kRing] = now + get() - 10;
      core.renamed_2_ = core.renamed_10_ = core.count_ - length;
    }
    const uint64_t live_entries = ring(core.commit_, core.count_);
    core.committed_ = core.count_ - live_entries;
    for (uint64_t i = 1; i <= live_entries; ++i) core.squashed_[(core.count_ - i) % Core::kRing] = 0;
    core.dead_ = 0;
    for (uint64_t squashed = get(); squashed > 0; --squashed) {
      uint16_t& entry = core.squashed_[(core.count_ - get()) % Core::kRing];
      entry = static_cast<uint16_t>(get());
      core.dead_ += entry;
    }
    core.integer_free_ = core.integer_count_ - ring(core.integer_commit_, core.integer_count_);
    core.float_free_ = core.float_count_ - ring(core.float_commit_, core.float_count_);
    core.load_free_ = core.load_count_ - ring(core.load_commit_, core.load_count_);
    core.late_from_ = cycle();
    core.decode_floor_ = cycle();
    core.late_decode_floor_ = cycle();
    {
      for (uint64_t c = core.queue_cycle_ + 1; c <= core.last_removed_; ++c) core.removed_[c % Core::kRemoved] = 0;
      core.queue_cycle_ = core.last_removed_ = now + 3;
      uint64_t inside = get();
      core.left_queue_ = core.count_ - inside;
      while (inside > 0) {
        const uint64_t c = now + get(), leave = get();
        core.removed_[c % Core::kRemoved] = static_cast<uint16_t>(leave);
        core.last_removed_ = c;
        inside -= leave;
      }
    }
    core.ready_.fill(0);
    for (uint64_t live = get(); live > 0; --live) {
      const uint64_t r = get();
      core.ready_[r] = now + get();
    }
    {
      const int turn = kPlace[core.turn_[static_cast<int>(Op::kIntAlu)]] + 1;
      const uint64_t length = get();
      for (uint64_t i = 0; i < length; ++i) {
        const unsigned taken = static_cast<unsigned>(get()), at = static_cast<unsigned>(turn);
        unsigned integer = (taken & 15) << at;
        integer = (integer | integer >> 4) & 15;
        const unsigned loads = taken >> 4 & 3, stores = taken >> 6;
        const unsigned ports = (integer & 3) | (integer & 12) << 3 | (loads > 0 ? 0x04u : 0) | (loads > 1 ? 0x08u : 0) |
                               (stores > 0 ? 0x10u : 0) | (stores > 1 ? 0x80u : 0);
        core.busy_[(now + 13 + i) % Core::kBusy] = (now + 13 + i) << 8 | ports;
      }
      core.last_busy_ = now + 12 + length;
    }
    in += 1;  // the cycle of the last commit is kept
    core.committed_in_cycle_ = static_cast<int>(get());
    core.commit_floor_ = cycle();
    core.load_barrier_ = cycle();
    core.store_barrier_ = cycle();
  }

  // ---- memory

  void* take(size_t size) {
    size = (size + 7) & ~size_t{7};
    if (size > kRoom - used_) return nullptr;
    void* place = room_ + used_;
    used_ += size;
    return place;
  }
  void forget() {
    std::memset(static_cast<void*>(table_), 0, kTable * sizeof(State*));
    used_ = kTable * sizeof(State*);
    states_ = 0;
    state_ = nullptr;
  }

  static constexpr uint64_t kRingUsed = Core::kRing - 16, kWindowOfRename = 128;
  static constexpr uint64_t kMiddle = 0x4000, kUnwrittenMark = 0x8000, kSetMark = 0xffff;
  struct Bucket {
    uint64_t index, number;
  };
  struct Undone {
    uint64_t stored, written, last_done;
    size_t buckets, writes;
    std::array<Bucket, 2 * Recording::kMost> bucket;
    std::array<uint64_t, Recording::kMost> sent;
  };

  Core& core_;
  bool enabled_;
  State* state_ = nullptr;  // the core's, null if unknown
  bool present_ = true;     // whether the core itself holds it
  uint8_t* room_;
  State** table_;
  size_t used_;
  size_t states_ = 0;
  std::vector<uint16_t> form_;
  uint32_t size_ = 0;
  std::array<uint8_t, static_cast<int>(Op::kCount)> turns_{};
  uint64_t second_ = 0;  // requests to the second level before the block
  Undone undone_;
  uint64_t ran_ = 0, followed_ = 0, paused_ = 0, pause_ = kWindow;
};

}  // namespace skylake
