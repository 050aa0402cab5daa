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
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "core.h"
#include "recording.h"
#include "uop.h"

namespace skylake {

// What memoising needs to know of a block.
struct Facts {
  static constexpr size_t kMostAccesses = 32;
  Facts* sibling = nullptr;       // another block with the same hash
  const uint8_t* code = nullptr;  // the block's bytes
  uint64_t address = 0;
  uint32_t size = 0;      // in bytes
  bool regular = false;   // memoised at all
  bool known = false;     // `pattern` was learnt
  uint16_t accesses = 0;  // in the first execution
  std::array<uint32_t, kMostAccesses> pattern{};  // instruction << 1 | store of each of them
  uint32_t instructions = 0, uops = 0, integers = 0, floats = 0, loads = 0, stores = 0;
  uint64_t branch = 0, target = 0, fall_through = 0;  // addresses of the last instruction
  Control control = Control::kNone;
  uint8_t class_count = 0;
  std::array<uint8_t, static_cast<size_t>(Op::kCount)> classes{};  // of operations whose port matters

  uint64_t first_fetch_block() const { return address / parameter::kFetchBytes; }
  void learn(const std::vector<Decoded>& all, const std::vector<Uop>& every);
};

inline void Facts::learn(const std::vector<Decoded>& all, const std::vector<Uop>& every) {
  const Decoded& last = all.back();
  instructions = static_cast<uint32_t>(all.size());
  uops = static_cast<uint32_t>(every.size());
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
  std::array<bool, static_cast<size_t>(Op::kCount)> used{};
  for (const Uop& uop : every) {
    integers += uop.integers;
    floats += uop.floats;
    loads += uop.op == Op::kLoad;
    stores += uop.op == Op::kStore;
    used[static_cast<size_t>(uop.op)] = true;
  }
  for (const Op op : {Op::kIntAlu, Op::kLoad, Op::kStore}) used[static_cast<size_t>(op)] = false;
  for (size_t op = 0; op < used.size(); ++op)
    if (used[op] && parameter::kUnits[op].ports != 0) classes[class_count++] = static_cast<uint8_t>(op);
  if (class_count > 0) classes[class_count++] = static_cast<uint8_t>(Op::kIntAlu);
}

// Memory for what is remembered, in three pieces: tables and facts, states and transitions, and the states' forms.
//
// Processes that were forked share it, so that a test goes on from what the tests before it left. One of them may be killed
// at any moment: a thing is complete before it is linked.
class Room {
 public:
  static constexpr size_t kPieces = 3, kStateTable = size_t{1} << 18, kBlockTable = size_t{1} << 14;
  enum Piece : size_t { kFacts, kStates, kForms };

  // Returns whether there is any.
  bool open() {
    void* at = mmap(nullptr, kPieces * kSize, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (at == MAP_FAILED) return false;
    header_ = static_cast<Header*>(at);
    header_->used[kFacts] = sizeof(Header);
    return true;
  }
  void* take(Piece piece, size_t size) {
    size = (size + 7) & ~size_t{7};
    size_t& used = header_->used[piece];
    if (size > kSize - used) return nullptr;
    void* place = reinterpret_cast<uint8_t*>(header_) + piece * kSize + used;
    used += size;
    return place;
  }
  template <typename T>
  static void link(T*& from, T* to) {
    __atomic_store_n(&from, to, __ATOMIC_RELEASE);
  }
  void** states() { return header_->states; }
  Facts*& block(uint64_t hash) { return header_->blocks[(hash ^ hash >> 32) % kBlockTable]; }
  // One state more; false if there are too many.
  bool count_state() { return ++header_->state_count < kStateTable / 2; }
  // Forgets all states.
  void empty() {
    header_->emptying = true;
    std::atomic_signal_fence(std::memory_order_seq_cst);
    std::memset(static_cast<void*>(header_->states), 0, sizeof header_->states);
    header_->used[kStates] = header_->used[kForms] = header_->state_count = 0;
    std::atomic_signal_fence(std::memory_order_seq_cst);
    header_->emptying = false;
  }
  bool is_half_empty() const { return header_->emptying; }

 private:
  static constexpr size_t kSize = size_t{64} << 20;
  struct Header {
    std::array<size_t, kPieces> used;
    size_t state_count;
    bool emptying;
    void* states[kStateTable];
    Facts* blocks[kBlockTable];
  };
  Header* header_ = nullptr;
};

class Memo {
 public:
  explicit Memo(Core& core) : core_(core), form_(kLongestForm) {}

  void enable() {
    enabled_ = room_.open();
    if (enabled_) table_ = reinterpret_cast<State**>(room_.states());
  }

  // Before a fork: processes that go on from here have the pipeline's state in the core itself.
  void settle() {
    if (state_ != nullptr && !present_) restore(*state_);
    present_ = true;
    state_ = nullptr;
    paused_ = ran_ = followed_ = 0;
  }

  // What is known of a block, which is the same for equal bytes at an equal address.
  Facts* facts_of(uint64_t address, const std::vector<uint8_t>& code, const std::vector<Decoded>& instructions,
                  const std::vector<Uop>& uops) {
    if (!enabled_) return nullptr;
    uint64_t hash = address;
    for (const uint8_t byte : code) hash = (hash ^ byte) * 0x100000001b3u;
    Facts*& first = room_.block(hash);
    for (Facts* one = first; one != nullptr; one = one->sibling)
      if (one->address == address && one->size == code.size() && std::memcmp(one->code, code.data(), code.size()) == 0)
        return one;
    void* place = room_.take(Room::kFacts, sizeof(Facts));
    void* bytes = room_.take(Room::kFacts, code.size());
    if (place == nullptr || bytes == nullptr) return nullptr;
    std::memcpy(bytes, code.data(), code.size());
    Facts* facts = new (place) Facts;
    facts->code = static_cast<const uint8_t*>(bytes);
    facts->address = address;
    facts->size = static_cast<uint32_t>(code.size());
    facts->learn(instructions, uops);
    facts->sibling = first;
    Room::link(first, facts);
    return facts;
  }

  // Accounts for a block without running it, if it ran from the same state with the same answers before.
  bool follow(Facts* known, const Access* accesses, size_t n, uint64_t next) {
    tried_ = 0;
    if (state_ == nullptr || known == nullptr || !is_usual(*known, accesses, n)) return false;
    Facts& facts = *known;
    if (core_.memory_operations_ + static_cast<int>(facts.stores) > parameter::kStoreSetClear) return false;
    for (Transition* one = state_->first; one != nullptr; one = one->sibling) {
      if (one->facts != &facts) continue;
      ++tried_;
      if (!matches(*one, accesses, next)) continue;
      apply(*one, accesses, next);
      ++followed_;
      return true;
    }
    return false;
  }

  // Before the core runs a block itself.
  void begin(Facts* known, const Access* accesses, size_t n) {
    if (state_ == nullptr) return;
    if (!present_) restore(*state_);
    present_ = true;
    Recording& recording = core_.recording_;
    if (known == nullptr || !is_usual(*known, accesses, n)) return;
    const Facts& facts = *known;
    recording.on = true;
    recording.spoiled = core_.memory_operations_ + static_cast<int>(facts.stores) > parameter::kStoreSetClear;
    recording.base = core_.fetch_;
    recording.first_fetch_block = facts.first_fetch_block();
    recording.first_access = accesses;
    recording.fetched_line = Recording::kNoLine;
    recording.fetched_again = 0;
    recording.learned = recording.committed = 0;
    recording.count = 0;
    turns_ = core_.turn_;
    second_ = core_.memory_.counters().l2;
  }

  // After it.
  void end(const Facts* facts, uint64_t next) {
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
        core_.memory_.counters().l2 == second_ && core_.last_commit_ > recording.base && tried_ < kMostAnswers)
      remember(*before, *facts, next);
    recording.on = false;
  }

 private:
  static constexpr size_t kLongestForm = 8192;
  // So many answers to a block are remembered in a state: where caches answer ever differently, trying more would take longer
  // than running the block.
  static constexpr size_t kMostAnswers = 16;
  static constexpr uint64_t kWindow = 256, kFewest = 192, kLongestPause = 8192;
  static constexpr int kIntegerPorts = 4;
  static constexpr std::array<uint8_t, kIntegerPorts> kPort = {0, 1, 5, 6};
  static constexpr std::array<uint8_t, 8> kPlace = {0, 1, 0, 0, 0, 2, 3, 0};
  static constexpr unsigned kLoadPorts = parameter::kUnits[static_cast<int>(Op::kLoad)].ports;
  static constexpr unsigned kStorePorts = parameter::kUnits[static_cast<int>(Op::kStore)].ports;
  // For each last port: the taken ports of a cycle in normal form.
  static constexpr std::array<std::array<uint8_t, 256>, kIntegerPorts> kRotated = [] {
    std::array<std::array<uint8_t, 256>, kIntegerPorts> all{};
    for (unsigned turn = 0; turn < kIntegerPorts; ++turn) {
      for (unsigned taken = 0; taken < 256; ++taken) {
        unsigned integer = (taken & 3) | (taken >> 3 & 12);
        integer = (integer | integer << 4) >> (turn + 1) & 15;
        all[turn][taken] = static_cast<uint8_t>(integer | ((taken >> 2 & 1) + (taken >> 3 & 1)) << 4 |
                                                ((taken >> 4 & 1) + (taken >> 7 & 1)) << 6);
      }
    }
    return all;
  }();
  static_assert(parameter::kUnits[static_cast<int>(Op::kIntAlu)].ports == 0x63 && kLoadPorts == 0x0c && kStorePorts == 0x90,
                "the normal form relies on these ports");

  struct Transition;
  struct State {
    uint64_t hash;
    Transition* first;
    const uint8_t* form;
    size_t size;
  };
  struct Transition {
    Transition* sibling;
    const Facts* facts;
    State* next;
    int32_t fetched, committed;  // where fetch and commit are afterwards, relative to the block's start
    int16_t learned, branch_committed;
    uint16_t fetched_again;
    uint16_t count;  // of the questions, which follow; then the ports used last, before and after, of the block's classes
    uint8_t turn;    // by how many ports integer operations went on
    bool taken;
    const Question* questions() const { return reinterpret_cast<const Question*>(this + 1); }
    Question* questions() { return reinterpret_cast<Question*>(this + 1); }
    const uint8_t* turns() const { return reinterpret_cast<const uint8_t*>(questions() + count); }
    uint8_t* turns() { return reinterpret_cast<uint8_t*>(questions() + count); }
  };
  static_assert(sizeof(Transition) % alignof(Question) == 0, "questions follow");

  static bool is_usual(Facts& facts, const Access* accesses, size_t n) {
    if (!facts.regular) return false;
    if (!facts.known) {
      facts.regular = n <= Facts::kMostAccesses;
      facts.accesses = static_cast<uint16_t>(n);
      for (size_t i = 0; i < n && facts.regular; ++i) facts.pattern[i] = accesses[i].instruction << 1 | accesses[i].store;
      std::atomic_signal_fence(std::memory_order_release);
      facts.known = true;
    }
    if (n != facts.accesses) return false;
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
    if (facts.control == Control::kConditional && one.taken != (next == facts.target && next != 0)) return false;
    for (size_t i = 0; i < facts.class_count; ++i)
      if (core_.turn_[facts.classes[i]] != one.turns()[i]) return false;
    undone_.buckets = undone_.writes = 0;
    undone_.stored = core_.store_count_;
    undone_.written = core_.written_;
    undone_.last_done = core_.last_store_done_;
    const Question* const questions = one.questions();
    for (uint32_t i = 0; i < one.count; ++i) {
      if (agrees(questions[i], facts, accesses, base, places_[i])) continue;
      take_back();
      return false;
    }
    if (branch_agrees(one, base, next)) return true;
    take_back();
    return false;
  }

  // `place` becomes that of the line which answers.
  bool agrees(const Question& question, const Facts& facts, const Access* accesses, uint64_t base, uint32_t& place) {
    if (question.kind == Question::Kind::kFetch) {
      const uint64_t address = (facts.first_fetch_block() + question.place) * parameter::kFetchBytes;
      uint64_t answer;
      place = core_.memory_.peek_fetch(address, base + question.at, answer);
      return place != Memory::kNone && answer == base + question.at + question.latency;
    }
    if (question.kind == Question::Kind::kWrite) {
      Core::Store& store = core_.stores_[core_.written_ % Core::kStores];
      const uint64_t sent = std::max(store.sent, core_.last_store_done_);
      if (sent != base + question.at) return false;
      if (store.bytes != 0 && !cache_agrees(question, store.address, store.bytes, base, place)) return false;
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
      if (found.answer() != question.answer || (found.source != 0 && core_.store_count_ - found.source != question.source))
        return false;
      if (question.answer == Question::kForwarded) return core_.memory_.pages().touched(address);
      return cache_agrees(question, address, question.bytes, base, place);
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

  // `place` stays kNone where there are two lines.
  bool cache_agrees(const Question& question, uint64_t address, uint32_t bytes, uint64_t base, uint32_t& place) const {
    const uint64_t now = base + question.at, last = address + bytes - 1;
    uint64_t answer, other;
    place = core_.memory_.peek(address, now, answer);
    if (place == Memory::kNone) return false;
    if (Memory::crosses(address, last)) {
      place = Memory::kNone;
      if (core_.memory_.peek(last, now, other) == Memory::kNone) return false;
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
        core_.learn(base + one.learned);
        DirectionPredictor::Record& record = core_.expect().record;
        core_.direction_.predict(facts.branch, record);
        return record.taken == one.taken && (!one.taken || core_.targets_.lookup(facts.branch) == facts.target);
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
    const Facts& facts = *one.facts;
    Core& core = core_;
    const uint64_t base = core.fetch_;
    const Question* const questions = one.questions();
    uint64_t stored = undone_.stored, written = undone_.written;
    for (uint32_t i = 0; i < one.count; ++i) {
      const Question& question = questions[i];
      const uint64_t at = base + question.at;
      switch (question.kind) {
        case Question::Kind::kFetch:
          core.memory_.use_code(places_[i], at);
          break;
        case Question::Kind::kLoad:
          if (question.answer == Question::kForwarded) {
            ++core.statistics_.forwards;
          } else if (question.answer != Question::kNoAccess) {
            use_cache(places_[i], accesses[question.access].address, question.bytes, at, false);
          }
          break;
        case Question::Kind::kStore:
          core.store_pc_[stored++ % Core::kStores] = uint64_t{question.place} << parameter::kPcShift;
          if (question.set != 0)
            core.last_of_set_[question.set - 1u] = {base + question.issued, base + question.executed, true};
          break;
        case Question::Kind::kWrite: {
          const Core::Store& store = core.stores_[written++ % Core::kStores];
          if (store.bytes != 0) use_cache(places_[i], store.address, store.bytes, at, true);
        }
      }
    }
    core.memory_.count_fetches(one.fetched_again);
    core.memory_operations_ += static_cast<int>(facts.stores);
    finish_branch(one, base, next);
    core.statistics_.instructions += facts.instructions;
    core.count_ += facts.uops;
    core.integer_count_ += facts.integers;
    core.float_count_ += facts.floats;
    core.load_count_ += facts.loads;
    core.fetch_ = base + one.fetched;
    core.last_commit_ = base + one.committed;
    uint8_t& turn = core.turn_[static_cast<int>(Op::kIntAlu)];
    if (facts.class_count == 0) turn = kPort[(kPlace[turn] + one.turn) % kIntegerPorts];
    for (size_t i = 0; i < facts.class_count; ++i) core.turn_[facts.classes[i]] = one.turns()[facts.class_count + i];
    state_ = one.next;
    present_ = false;
  }

  void use_cache(uint32_t place, uint64_t address, uint32_t bytes, uint64_t at, bool write) {
    if (place != Memory::kNone) {
      core_.memory_.use_data(place, at, write);
    } else {
      core_.memory_.data(address, bytes, at, write);
    }
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
    core.uncondition(facts.branch);
  }

  void remember(State& before, const Facts& facts, uint64_t next) {
    const Recording& recording = core_.recording_;
    const size_t turns = 2 * size_t{facts.class_count};
    const size_t size = sizeof(Transition) + recording.count * sizeof(Question) + turns;
    void* place = room_.take(Room::kStates, size);
    if (place == nullptr) return;
    Transition& one = *static_cast<Transition*>(place);
    one.facts = &facts;
    one.next = state_;
    one.fetched = static_cast<int32_t>(core_.fetch_ - recording.base);
    one.committed = static_cast<int32_t>(core_.last_commit_ - recording.base);
    one.learned = recording.learned;
    one.branch_committed = recording.committed;
    one.fetched_again = recording.fetched_again;
    one.count = static_cast<uint16_t>(recording.count);
    constexpr int kInteger = static_cast<int>(Op::kIntAlu);
    one.turn = static_cast<uint8_t>(kPlace[core_.turn_[kInteger]] + kIntegerPorts - kPlace[turns_[kInteger]]) % kIntegerPorts;
    one.taken = facts.control == Control::kConditional && next == facts.target && next != 0;
    std::copy_n(recording.questions.begin(), recording.count, one.questions());
    for (size_t i = 0; i < facts.class_count; ++i) {
      one.turns()[i] = turns_[facts.classes[i]];
      one.turns()[facts.class_count + i] = core_.turn_[facts.classes[i]];
    }
    one.sibling = before.first;
    Room::link(before.first, &one);
  }

  // ---- states

  // The normal form: bytes, since most of it are small differences.
  class Writer {
   public:
    Writer(uint8_t* out, uint64_t now) : out_(out), start_(out), now_(now) {}
    void byte(uint64_t value) { *out_++ = static_cast<uint8_t>(value); }
    void word(uint64_t value) {
      valid_ = valid_ && value <= 0xffff;
      byte(value);
      byte(value >> 8);
    }
    void small(uint64_t value) {
      if (value < 0xff) return byte(value);
      byte(0xff);
      word(value);
    }
    // A cycle that binds nothing if it isn't after now + past.
    void cycle(uint64_t at, uint64_t past) { word(at <= now_ + past ? 0 : at - now_); }
    // One whose distance matters although it is past.
    void any_cycle(uint64_t at) { word(at + kMiddle - now_); }
    // The entries of a ring from the youngest to the first that is past; they never rise on the way.
    template <typename Ring>
    void ring(const Ring& entries, uint64_t count, uint64_t most, uint64_t bound) {
      uint8_t* const length = out_;
      out_ += 2;
      uint64_t before = 0, i = 1;
      for (; i <= most; ++i) {
        const uint64_t at = entries[(count - i) % Core::kRing];
        if (at <= bound) break;
        i == 1 ? word(at - now_) : small(before - at);
        before = at;
      }
      set_word(length, i - 1);
    }
    uint8_t* place() {
      out_ += 2;
      return out_ - 2;
    }
    void set_word(uint8_t* at, uint64_t value) {
      at[0] = static_cast<uint8_t>(value);
      at[1] = static_cast<uint8_t>(value >> 8);
    }
    bool valid() const { return valid_; }
    size_t size() const { return static_cast<size_t>(out_ - start_); }
    uint8_t*& out() { return out_; }

   private:
    uint8_t *out_, *start_;
    uint64_t now_;
    bool valid_ = true;
  };

  // Writes the normal form; false where it has no room for a number.
  bool normalise() {
    const Core& core = core_;
    using namespace parameter;
    const uint64_t now = core.fetch_;
    Writer to(form_.data(), now);
    to.byte(static_cast<uint64_t>(core.slots_) | (core.looping_ ? 0x80 : 0));
    for (int shift = 0; shift < 64; shift += 16) to.word(core.buffer_ >> shift & 0xffff);
    to.ring(core.decode_, core.count_, kFetchQueue, now + 2);
    to.cycle(core.last_rename_, 3);
    to.byte(core.last_rename_ <= now + 3 ? 0 : static_cast<uint64_t>(core.renamed_in_cycle_));
    to.cycle(core.rename_floor_, 4);
    // What decode looks at, and what is between rename and dispatch.
    {
      uint8_t* const length = to.place();
      uint64_t before = 0, i = 1;
      for (; i <= kMostRenames; ++i) {
        const uint64_t at = core.rename_[(core.count_ - i) % Core::kRing] + 10;
        if (at <= (i > Core::kDecodeAhead ? std::max(now + 4, core.last_rename_) : now + 4)) break;
        i == 1 ? to.word(at - now) : to.small(before - at);
        before = at;
      }
      to.set_word(length, i - 1);
      if (i > kMostRenames) return false;
    }
    // Micro-ops that aren't committed: when they will be, and what they free.
    {
      uint8_t* const length = to.place();
      uint64_t before = 0, i = 1;
      for (; i <= kMostLive; ++i) {
        const uint64_t at = core.commit_[(core.count_ - i) % Core::kRing];
        if (at <= now + 2) break;
        i == 1 ? to.word(at - now) : to.small(before - at);
        before = at;
        const uint16_t squashed = core.squashed_[(core.count_ - i) % Core::kRing];
        const uint8_t frees = core.frees_[(core.count_ - i) % Core::kRing];
        to.byte(squashed != 0 ? frees | kSquashed : frees);
        if (squashed != 0) to.word(squashed);
      }
      to.set_word(length, i - 1);
      if (i > kMostLive || core.dead_next_ != 0) return false;
    }
    to.cycle(core.late_from_, 0);
    to.cycle(core.late_from_ <= now ? 0 : core.decode_floor_, 3);
    to.cycle(core.late_decode_floor_, 3);
    // Issue queue: how many leave in which cycle.
    {
      uint64_t left = core.left_queue_, cycle = core.queue_cycle_;
      while (cycle < now + 3 && cycle < core.last_removed_) left += core.removed_[++cycle % Core::kRemoved];
      cycle = std::max(cycle, now + 3);
      uint64_t inside = core.count_ - left;
      to.word(inside);
      for (uint64_t before = now + 3; inside > 0;) {
        if (++cycle - now > 0xffff) return false;
        const uint16_t leave = core.removed_[cycle % Core::kRemoved];
        if (leave == 0) continue;
        to.small(cycle - before);
        to.small(leave);
        before = cycle;
        inside -= leave;
      }
    }
    {
      uint8_t* const live = to.out()++;
      *live = 0;
      for (size_t r = 0; r < reg::kAlways; ++r) {
        if (core.ready_[r] <= now + 13) continue;
        ++*live;
        to.byte(r);
        to.word(core.ready_[r] - now);
      }
    }
    {
      const uint8_t* const rotated = kRotated[kPlace[core.turn_[static_cast<int>(Op::kIntAlu)]]].data();
      uint8_t* const length = to.place();
      uint8_t* const start = to.out();
      uint64_t cycle = now + 13;
      if (core.last_busy_ >= cycle + kLongestForm / 4) return false;
      for (; cycle <= core.last_busy_; ++cycle) {
        const uint64_t entry = core.busy_[cycle % Core::kBusy];
        to.byte(entry >> 8 == cycle ? rotated[entry & 0xff] : 0);
      }
      while (to.out() > start && to.out()[-1] == 0) --to.out();
      to.set_word(length, static_cast<uint64_t>(to.out() - start));
    }
    to.byte(core.last_commit_ <= now + 20 ? 0 : static_cast<uint64_t>(core.committed_in_cycle_));
    to.cycle(core.last_commit_, 2);
    to.cycle(core.commit_floor_, 20);
    to.cycle(core.load_barrier_, 13);
    to.cycle(core.store_barrier_, 13);
    for (uint64_t i = 0; i < kStoreQueue && i < core.store_count_; ++i) {
      const Core::Store& store = core.stores_[(core.store_count_ - 1 - i) % Core::kStores];
      const bool unwritten = store.done == Core::kUnwritten;
      if (!unwritten && store.done <= now + 2) break;
      const bool binds = store.set != 0 && store.issued >= now + 13 && is_last_of_set(store);
      to.byte((unwritten ? 1 : 2) | (binds ? 4 : 0));
      if (unwritten) {
        to.any_cycle(store.sent);
      } else {
        to.cycle(store.done, 2);
        to.cycle(store.sent, 13);
      }
      to.cycle(store.executed, 13);
      if (!binds) continue;
      to.word(store.set);
      to.cycle(store.issued, 12);
    }
    to.byte(0);
    if (core.written_ == core.store_count_) {
      to.cycle(core.last_store_done_, 2);
    } else if (core.last_store_done_ > core.stores_[core.written_ % Core::kStores].sent) {
      to.any_cycle(core.last_store_done_);
    }
    size_ = to.size();
    return to.valid();
  }
  bool is_last_of_set(const Core::Store& store) const {
    const Core::StoreSet& last = core_.last_of_set_[store.set - 1u];
    return last.valid && last.issued == store.issued && last.executed == store.executed;
  }

  State* intern() {
    if (room_.is_half_empty()) room_.empty();
    if (!normalise()) return nullptr;
    std::memset(form_.data() + size_, 0, sizeof(uint64_t));
    uint64_t hash = size_;
    for (size_t i = 0; i < size_; i += sizeof(uint64_t)) {
      uint64_t word;
      std::memcpy(&word, form_.data() + i, sizeof word);
      hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
      hash ^= hash >> 29;
    }
    size_t at = hash % Room::kStateTable;
    for (; table_[at] != nullptr; at = (at + 1) % Room::kStateTable) {
      State& state = *table_[at];
      if (state.hash == hash && state.size == size_ && std::memcmp(state.form, form_.data(), size_) == 0) return &state;
    }
    void* place = room_.count_state() ? room_.take(Room::kStates, sizeof(State)) : nullptr;
    void* form = room_.take(Room::kForms, size_);
    if (place == nullptr || form == nullptr) {
      room_.empty();
      return nullptr;
    }
    std::memcpy(form, form_.data(), size_);
    Room::link(table_[at], new (place) State{hash, nullptr, static_cast<const uint8_t*>(form), size_});
    return table_[at];
  }

  class Reader {
   public:
    Reader(const uint8_t* in, uint64_t now) : in_(in), now_(now) {}
    uint64_t byte() { return *in_++; }
    uint64_t word() {
      const uint64_t low = byte();
      return low | byte() << 8;
    }
    uint64_t small() {
      const uint64_t value = byte();
      return value < 0xff ? value : word();
    }
    uint64_t cycle() {
      const uint64_t value = word();
      return value == 0 ? 0 : now_ + value;
    }
    // The next entry of a ring after the one `before`; `first` is whether there is none.
    uint64_t entry(bool first, uint64_t before) { return first ? now_ + word() : before - small(); }

   private:
    const uint8_t* in_;
    uint64_t now_;
  };

  // Puts a state into the core. What the core holds from before is past, except where it is written over here.
  void restore(const State& state) {
    Core& core = core_;
    const uint64_t now = core.fetch_;
    Reader from(state.form, now);
    const uint64_t slots = from.byte();
    core.slots_ = static_cast<int>(slots & 0x7f);
    core.looping_ = (slots & 0x80) != 0;
    core.buffer_ = 0;
    for (int shift = 0; shift < 64; shift += 16) core.buffer_ |= from.word() << shift;
    uint64_t length = from.word(), at = 0;
    for (uint64_t i = 1; i <= length; ++i) core.decode_[(core.count_ - i) % Core::kRing] = at = from.entry(i == 1, at);
    core.last_rename_ = from.cycle();
    core.renamed_in_cycle_ = static_cast<int>(from.byte());
    core.rename_floor_ = from.cycle();
    length = from.word();
    for (uint64_t i = 1; i <= length; ++i) {
      at = from.entry(i == 1, at);
      core.rename_[(core.count_ - i) % Core::kRing] = at - 10;
    }
    core.renamed_2_ = core.renamed_10_ = core.count_ - length;
    length = from.word();
    core.committed_ = core.count_ - length;
    core.dead_ = 0;
    core.integer_free_ = core.integer_count_;
    core.float_free_ = core.float_count_;
    core.load_free_ = core.load_count_;
    for (uint64_t i = 1; i <= length; ++i) {
      at = from.entry(i == 1, at);
      const uint64_t frees = from.byte(), place = (core.count_ - i) % Core::kRing;
      const uint16_t squashed = (frees & kSquashed) != 0 ? static_cast<uint16_t>(from.word()) : uint16_t{0};
      core.commit_[place] = at;
      core.frees_[place] = static_cast<uint8_t>(frees & ~kSquashed);
      core.squashed_[place] = squashed;
      core.dead_ += squashed;
      for (uint64_t k = frees & 3; k > 0; --k) core.integer_commit_[--core.integer_free_ % Core::kRing] = at;
      for (uint64_t k = frees >> 2 & 3; k > 0; --k) core.float_commit_[--core.float_free_ % Core::kRing] = at;
      if ((frees >> 4 & 1) != 0) core.load_commit_[--core.load_free_ % Core::kRing] = at;
    }
    core.late_from_ = from.cycle();
    core.decode_floor_ = from.cycle();
    core.late_decode_floor_ = from.cycle();
    for (uint64_t c = core.queue_cycle_ + 1; c <= core.last_removed_; ++c) core.removed_[c % Core::kRemoved] = 0;
    core.queue_cycle_ = core.last_removed_ = now + 3;
    uint64_t inside = from.word();
    core.left_queue_ = core.count_ - inside;
    while (inside > 0) {
      core.last_removed_ += from.small();
      const uint64_t leave = from.small();
      core.removed_[core.last_removed_ % Core::kRemoved] = static_cast<uint16_t>(leave);
      inside -= leave;
    }
    core.ready_.fill(0);
    for (uint64_t live = from.byte(); live > 0; --live) {
      const uint64_t r = from.byte();
      core.ready_[r] = now + from.word();
    }
    const int turn = kPlace[core.turn_[static_cast<int>(Op::kIntAlu)]] + 1;
    length = from.word();
    for (uint64_t c = now + 13; c < now + 13 + length; ++c) {
      const auto taken = static_cast<unsigned>(from.byte());
      unsigned integer = (taken & 15) << turn;
      integer = (integer | integer >> 4) & 15;
      const unsigned loads = taken >> 4 & 3, stores = taken >> 6;
      const unsigned ports = (integer & 3) | (integer & 12) << 3 | (loads > 0 ? 0x04u : 0) | (loads > 1 ? 0x08u : 0) |
                             (stores > 0 ? 0x10u : 0) | (stores > 1 ? 0x80u : 0);
      core.busy_[c % Core::kBusy] = c << 8 | ports;
    }
    core.last_busy_ = now + 12 + length;
    core.committed_in_cycle_ = static_cast<int>(from.byte());
    from.word();  // the cycle of the last commit, and the store queue, are kept
    core.commit_floor_ = from.cycle();
    core.load_barrier_ = from.cycle();
    core.store_barrier_ = from.cycle();
  }

  static constexpr uint64_t kMostLive = Core::kRing - 16, kMostRenames = 128, kMiddle = 0x4000;
  static constexpr uint8_t kSquashed = 0x80;
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
  Room room_;
  bool enabled_ = false;
  State* state_ = nullptr;  // the core's, null if unknown
  bool present_ = true;     // whether the core itself holds it
  State** table_ = nullptr;
  std::vector<uint8_t> form_;
  size_t size_ = 0;
  std::array<uint8_t, static_cast<int>(Op::kCount)> turns_{};
  uint64_t second_ = 0;  // requests to the second level before the block
  Undone undone_;
  std::array<uint32_t, Recording::kMost> places_;  // of the lines that answered the questions
  size_t tried_ = 0;  // of the block's transitions from this state
  uint64_t ran_ = 0, followed_ = 0, paused_ = 0, pause_ = kWindow;
};

}  // namespace skylake
