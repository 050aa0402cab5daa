// The out-of-order core: for every micro-op the cycles in which it is fetched, decoded, renamed, issued, done and
// committed, from those of the micro-ops before it. There is no cycle loop: stages are in order or bounded by ports and
// queues, so a micro-op's times follow from a few ring buffers.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "memory.h"
#include "model.h"
#include "parameters.h"
#include "predictor.h"
#include "recording.h"
#include "uop.h"
#include "wrong_path.h"

namespace skylake {

class Core {
 public:
  struct Statistics {
    uint64_t instructions = 0, uops = 0, mispredicts = 0, redirects = 0, violations = 0, forwards = 0;
    uint64_t traps = 0, faults = 0;
    uint64_t squashed = 0, nested = 0;
    std::array<uint64_t, static_cast<int>(Op::kCount)> by_class{};
  };

  // Runs one instruction. Returns how many accesses it consumed.
  size_t run(const Decoded& instruction, const Uop* uops, const Access* accesses, size_t n, uint64_t next,
             bool resumed) {
    const Uop* uop = uops + instruction.first;
    pc_ = instruction.address;
    after_ = pc_ + instruction.size;
    accesses_ = accesses;
    access_count_ = n;
    if (!resumed) {
      ++statistics_.instructions;
      begin_instruction(instruction);
    }
    if (__builtin_expect(instruction.plain, 1)) {
      for (int i = 0; i < instruction.count; ++i) step(uop[i], 0);
      return n;
    }
    switch (instruction.loop) {
      case Loop::kNone:
        break;
      case Loop::kDivide:
        divide(instruction, uop);
        return n;
      case Loop::kRepeat:
        repeat(instruction, uop, next, resumed);
        return n;
    }
    const int last = instruction.count - 1;
    for (int i = 0; i < last; ++i) {
      if (uop[i].flags & Uop::kTrap) {
        trap(uop[i]);
        begin_instruction(instruction);
      } else if (uop[i].flags & Uop::kBranch) {
        micro_branch(uop[i], uop[i].bytes != 0, static_cast<uint64_t>(i + 1));
      } else {
        micro_op(uop[i]);
      }
    }
    if (last < 0) return n;
    if (instruction.control == Control::kNone && (uop[last].flags & Uop::kBranch)) {
      micro_branch(uop[last], uop[last].bytes != 0, static_cast<uint64_t>(last + 1));
      return n;
    }
    switch (instruction.control) {
      case Control::kNone:
        micro_op(uop[last]);
        break;
      case Control::kSystem:
        --statistics_.instructions;
        trap(uop[last]);
        break;
      default:
        branch(instruction, uop[last], next);
    }
    return n;
  }

  uint64_t now() const { return last_commit_; }
  Memory& memory() { return memory_; }
  void look_with(const Guest& guest) { wrong_path_.look_with(guest); }
  void foresee(uint64_t address) { wrong_path_.at(address); }
  void set_registers(const uint64_t* registers) { registers_ = registers; }
  const Statistics& statistics() const { return statistics_; }
  void set_quotient(uint64_t quotient) {
    quotient_ = quotient;
    has_quotient_ = true;
  }

 private:
  friend class Memo;

  static constexpr uint32_t kRing = 512;
  static constexpr uint64_t kBusy = 4096, kRemoved = 16384, kUnwritten = ~uint64_t{0};
  static constexpr uint64_t kWrongStores = 64;
  static constexpr int kDeepest = 4;  // mispredicted branches on mispredicted paths
  // Wrong-path micro-ops that reach the reorder buffer in a cycle, in hundredths.
  static constexpr uint64_t kWrongPathRate = 300, kWrongPathLimit = 150;

  struct Store {
    uint64_t address, number, issued, executed;
    uint64_t sent;      // the earliest cycle until it is written, then the one in which that began
    uint64_t done;      // kUnwritten until it is written
    uint64_t previous;  // number of the store before it in the same bucket
    uint32_t bytes;
    uint16_t set;
  };
  struct PendingUpdate {
    uint64_t commit;
    bool taken;
    DirectionPredictor::Record record;
  };
  struct StoreSet {
    uint64_t issued = 0, executed = 0;
    bool valid = false;
  };
  struct Times {
    uint64_t fetch, rename, done, commit;
  };

  // ---- front end

  void begin_instruction(const Decoded& instruction) {
    const uint64_t first = instruction.address / parameter::kFetchBytes;
    const uint64_t end = (instruction.address + instruction.size - 1) / parameter::kFetchBytes;
    // The next block is asked for in the cycle that runs out of this one.
    if (first != buffer_) {
      fetch_block(first);
    } else if (slots_ == parameter::kFetchWidth) {
      next_fetch_cycle();
    }
    if (end != first) fetch_block(end);
  }
  void next_fetch_cycle() {
    ++fetch_;
    slots_ = 0;
  }
  void fetch_block(uint64_t block) {
    const uint64_t address = block * parameter::kFetchBytes;
    if (memory_.pages().first_touch(address)) {
      // A no-op carries the fault to commit, which maps the page and starts again.
      ++statistics_.faults;
      recording_.spoiled = true;
      const uint64_t head = std::max({fetch_ + 13 + 1 + parameter::kExecuteToCommit + 1, last_commit_ + 1,
                                      all_written() + 1});
      fetch_ = head + parameter::kTrap + 3;
    }
    write_until(fetch_);
    const uint64_t asked = fetch_, answered = memory_.fetch(address, asked);
    if (recording_.on) record_fetch(block, asked, answered);
    fetch_ = std::max(fetch_ + 1, answered);
    slots_ = 0;
    buffer_ = block;
  }
  void record_fetch(uint64_t block, uint64_t asked, uint64_t answered) {
    const uint64_t line = block * parameter::kFetchBytes / parameter::kLine;
    if (line == recording_.fetched_line) {
      ++recording_.fetched_again;
      return;
    }
    recording_.fetched_line = answered == asked + parameter::kL1.lookup ? line : Recording::kNoLine;
    Question& question = recording_.next();
    question.kind = Question::Kind::kFetch;
    question.place = static_cast<uint16_t>(block - recording_.first_fetch_block);
    question.at = recording_.relative(asked);
    question.latency = recording_.span(asked, answered);
  }
  // The predictors' histories after a branch that isn't conditional.
  void uncondition(uint64_t pc) {
    direction_.push(pc, true);
    indirect_.direction(true);
  }
  void redirect(uint64_t running) {
    recording_.spoiled = true;
    fetch_ = running;
    slots_ = 0;
    buffer_ = ~uint64_t{0};
  }

  uint64_t fetch_slot() {
    if (slots_ == parameter::kFetchWidth) next_fetch_cycle();
    const uint64_t room = decode_[(count_ - parameter::kFetchQueue) % kRing];
    if (fetch_ + parameter::kFetchToDecode < room + 1) {
      fetch_ = room + 1 - parameter::kFetchToDecode;
      slots_ = 0;
    }
    ++slots_;
    return fetch_;
  }

  // ---- rename

  // The rings hold zeros at first, which bind nothing.
  template <bool kMemory>
  uint64_t rename(const Uop& uop, uint64_t decoded, uint64_t floor) {
    using namespace parameter;
    uint64_t t = std::max({decoded + kDecodeToRename, last_rename_, rename_floor_, floor});
    if (t == last_rename_ && renamed_in_cycle_ == kRenameWidth) ++t;
    // For a micro-op that needs no register these bind no more than they did for the one before it.
    t = std::max(t, integer_commit_[(integer_count_ + uop.integers - 1 - kIntegerRegisters) % kRing] + 1);
    t = std::max(t, float_commit_[(float_count_ + uop.floats - 1 - kFloatRegisters) % kRing] + 1);
    if (kMemory) {
      if (uop.op == Op::kLoad) {
        t = std::max(t, load_commit_[(load_count_ - kLoadQueue) % kRing] + 2);
      } else if (uop.op == Op::kStore) {
        if (written_ + kStoreQueue <= store_count_) write_next(store_count_ - kStoreQueue + 1);
        t = std::max(t, stores_[(store_count_ - kStoreQueue) % kStores].done + 2);
      }
    }

    if (count_ - committed_ + dead_ >= kReorderBuffer - 64)
      while (reorder_buffer(t) >= kReorderBuffer) ++t;
    // Issue queue.
    if (count_ - left_queue_ >= kIssueQueue - kRenameWidth || t > queue_cycle_ + kRemoved / 2) {
      advance_queue(t - 1);
      while (count_ - left_queue_ >= kIssueQueue) advance_queue(t++);
    }
    if (t > last_rename_) {
      last_rename_ = t;
      renamed_in_cycle_ = 0;
    }
    ++renamed_in_cycle_;
    return t;
  }
  // How many entries of the reorder buffer are taken for rename in a cycle, which never goes back. Squashed micro-ops keep
  // theirs until the one that squashed them commits; what is between rename and dispatch counts twice.
  uint64_t reorder_buffer(uint64_t cycle) {
    while (committed_ < count_ && commit_[committed_ % kRing] < cycle) dead_ -= squashed_[committed_++ % kRing];
    while (renamed_2_ < count_ && rename_[renamed_2_ % kRing] + 2 <= cycle) ++renamed_2_;
    while (renamed_10_ < count_ && rename_[renamed_10_ % kRing] + 10 <= cycle) ++renamed_10_;
    return count_ - committed_ + dead_ + renamed_2_ - renamed_10_;
  }
  void advance_queue(uint64_t cycle) {
    while (queue_cycle_ < cycle) {
      ++queue_cycle_;
      left_queue_ += removed_[queue_cycle_ % kRemoved];
      removed_[queue_cycle_ % kRemoved] = 0;
    }
  }
  void leave_queue(uint64_t cycle) {
    cycle = std::min(std::max(cycle, queue_cycle_ + 1), queue_cycle_ + kRemoved - 1);
    last_removed_ = std::max(last_removed_, cycle);
    ++removed_[cycle % kRemoved];
  }

  // ---- issue

  uint64_t issue(Op op, uint64_t ready) {
    const parameter::Unit& unit = parameter::kUnits[static_cast<int>(op)];
    if (unit.ports == 0) return ready;
    for (uint64_t cycle = ready;; ++cycle) {
      uint64_t& entry = busy_[cycle % kBusy];
      if (entry >> 8 != cycle) entry = cycle << 8;
      const unsigned free = unit.ports & ~static_cast<unsigned>(entry & 0xff);
      if (free == 0) continue;
      // Units of a class are tried in turn.
      uint8_t& turn = turn_[static_cast<int>(op)];
      const unsigned later = free & ~((2u << turn) - 1);
      const unsigned chosen = later != 0 ? later : free;
      turn = static_cast<uint8_t>(__builtin_ctz(chosen));
      entry |= uint64_t{1} << turn;
      last_busy_ = std::max(last_busy_, cycle);
      return cycle;
    }
  }

  // ---- commit

  uint64_t commit(uint64_t earliest) {
    uint64_t t = std::max(earliest, last_commit_);
    if (t == last_commit_) {
      if (++committed_in_cycle_ > parameter::kCommitWidth) {
        ++t;
        committed_in_cycle_ = 1;
      }
    } else {
      committed_in_cycle_ = 1;
    }
    return last_commit_ = t;
  }

  // Everything younger than a micro-op that is done in `done` is thrown away; fetch starts again. `wrong` is the
  // address at which fetch went wrong, 0 if the path was right.
  [[gnu::noinline]] void squash(const Times& times, uint64_t done, uint64_t wrong) {
    using namespace parameter;
    const uint64_t renamed = times.rename;
    const uint64_t cycles = done + kExecuteToCommit - 2 > renamed ? done + kExecuteToCommit - 2 - renamed : 0;
    uint64_t squashed = std::min(cycles * kWrongPathRate / 100, kWrongPathLimit);
    const uint64_t seen = done + kExecuteToCommit;
    if (wrong != 0 && wrong_path_.follows()) squashed = wander(wrong, times.fetch, seen + 1, seen - 2, true);
    dead_next_ = static_cast<uint16_t>(squashed);
    commit_floor_ = done + kExecuteToCommit + empty(done + kExecuteToCommit, squashed);
    redirect(done + kExecuteToCommit + 2);
  }
  // Commit begins to empty the reorder buffer of `squashed` micro-ops in cycle `start`. While it does, dispatch blocks
  // rename, rename blocks decode and decode blocks fetch, each a cycle later; they are released in the same order, and
  // what fetch sent in the meantime waits in decode. Returns how many cycles the buffer takes.
  uint64_t empty(uint64_t start, uint64_t squashed) {
    statistics_.squashed += squashed;
    const uint64_t cycles = std::max<uint64_t>(1, (squashed + parameter::kSquashWidth - 1) / parameter::kSquashWidth);
    rename_floor_ = std::max(rename_floor_, start + 2 + cycles);
    if (cycles > 1) {
      decode_floor_ = start + 3 + cycles;
      late_decode_floor_ = start + (cycles > 3 ? 8 : 7) + cycles;
      late_from_ = start + 5;
    }
    return cycles;
  }

  // Commit takes a trap of a micro-op that may commit in `earliest`, when it is alone and every store is written.
  void take_trap(const Times& times, uint64_t earliest) {
    using namespace parameter;
    const uint64_t head = std::max({earliest, last_commit_ + 1, all_written() + 1});
    const uint64_t taken = head + kTrap + 1;
    // Until then what follows is executed, in vain but for the caches.
    const uint64_t squashed = wrong_path_.follows()
                                  ? wander(after_, times.fetch, taken + 1, head - 1, false)
                                  : std::min((taken - times.rename) * kWrongPathRate / 100, kWrongPathLimit);
    last_commit_ = head;
    committed_in_cycle_ = 1;
    empty(taken, squashed);
    redirect(taken + 2);
  }

  // ---- mispredicted paths

  // Where fetch is on a mispredicted path, and what is known there.
  struct Path {
    uint64_t pc, fetch, buffer;
    int slots;
    bool admitted = true;  // rename still gets micro-ops into the reorder buffer in time
    bool looping = false;  // in the microcode of a division
    uint64_t integers = 0, floats = 0, loads = 0, stores = 0;  // taken of registers and queues
    uint64_t waiting = 0;                                      // taken of the issue queue; until when, in any order:
    std::array<uint64_t, parameter::kIssueQueue + 1> leaves;
    uint64_t soonest = ~uint64_t{0};  // none of these is before
    std::array<uint64_t, kWrongStores> stored{};  // places that it stored to
    std::array<uint64_t, reg::kCount> ready;
    ReturnStack returns;
    WrongPath::Registers registers;
  };

  // Follows a mispredicted path as fetch does until it is told, so that caches hold what they would hold. Fetch stops in
  // `until`; what is renamed after `last` no longer gets into the reorder buffer. `branches` if a branch led there. Returns
  // how many micro-ops reach the reorder buffer.
  uint64_t wander(uint64_t pc, uint64_t fetch, uint64_t until, uint64_t last, bool branches) {
    Path path;
    path.pc = pc;
    path.fetch = fetch;
    path.buffer = buffer_;
    path.slots = pc == after_ ? slots_ : parameter::kFetchWidth;
    path.looping = pc == pc_;
    path.ready = ready_;
    path.returns = returns_;
    if (sees_registers()) {
      path.registers.known = 0xffff;
      std::copy_n(registers_, path.registers.value.size(), path.registers.value.begin());
    }
    wrong_ = {};
    wrong_.renamed = last_rename_;
    const auto history = direction_.history();
    const auto indirect_history = indirect_.history();
    if (branches) {
      direction_.push(pc_, pc != after_);
      indirect_.direction(pc != after_);
    }
    follow(path, until, last, 0);
    direction_.restore(history);
    indirect_.restore(indirect_history);
    return wrong_.reached;
  }
  bool sees_registers() const { return registers_ != nullptr && wrong_path_.sees_data(); }

  void follow(Path& path, uint64_t until, uint64_t last, int depth) {
    using namespace parameter;
    const bool executes = sees_registers();
    while (true) {
      const WrongPath::Step& step = wrong_path_.at(path.pc);
      if (step.size == 0) return;
      if (path.slots == kFetchWidth && path.pc / kFetchBytes == path.buffer) next_fetch_cycle(path);
      for (uint64_t block = path.pc / kFetchBytes; block <= (path.pc + step.size - 1) / kFetchBytes; ++block) {
        if (block == path.buffer) continue;
        if (path.fetch >= until) return;
        if (!memory_.pages().touched(block * kFetchBytes)) return;  // a fault waits for commit
        path.fetch = std::max(path.fetch + 1, memory_.fetch(block * kFetchBytes, path.fetch));
        path.slots = 0;
        path.buffer = block;
      }
      const Effect& effect = step.effect;
      uint64_t address = 0, loaded = 0, done = 0;
      const bool addressed = executes && (effect.reads || effect.writes) &&
                             WrongPath::address_of(effect, path.registers, address);
      bool loads = addressed && effect.reads && effect.load_bytes <= 8 && (address & 4095) <= 4096u - effect.load_bytes;
      const int first = path.looping && step.loop_count > 0 ? step.loop_first : 0;
      path.looping = false;
      for (int i = first; i < step.count; ++i) {
        if (path.slots == kFetchWidth) next_fetch_cycle(path);
        ++path.slots;
        if (path.fetch >= until || ++wrong_.fetched > wrong_.reached + kFetchQueue + kDecodeAhead) return;
        const Uop& uop = wrong_path_.uops(step)[i];
        path.admitted = path.admitted && admit(path, uop, path.fetch + kFetchToDecode + kDecodeToRename, last);
        if (path.admitted) {
          wrong_rename_[wrong_.reached++ % kRing] = wrong_.renamed;
          done = execute_wrongly(path, uop, addressed ? address : 0, until);
          if (uop.op == Op::kLoad && (done >= until || address_is_stored(path, address))) loads = false;
        }
        if (step.loop_count > 0 && i + 1 == step.loop_first + step.loop_count && stays_in_division(path.pc)) {
          path.slots = kFetchWidth;
          i = step.loop_first - 1;
        }
      }
      if (executes && path.admitted) {
        if (loads) {
          if (memory_.pages().touched(address)) {
            loaded = wrong_path_.read(address, effect.load_bytes);
          } else {
            loads = false;
          }
        }
        if (effect.kind == Effect::Kind::kPush && path.registers.knows(reg::kRsp))
          remember_store(path, path.registers.value[reg::kRsp] - 8);
        if (addressed && effect.writes) remember_store(path, address);
        WrongPath::apply(effect, path.registers, loaded, loads);
      }
      if (step.serializes) path.admitted = false;
      const uint64_t pc = path.pc, next = pc + step.size;
      uint64_t target = 0, delay = 0;
      switch (step.control) {
        case Control::kNone:
        case Control::kSystem:
          path.pc = next;
          continue;
        case Control::kConditional: {
          DirectionPredictor::Record record;
          direction_.predict(pc, record);
          if (record.taken) target = targets_.lookup(pc) & kAddress;
          const bool taken = target != 0;
          bool outcome;
          if (executes && path.admitted && depth < kDeepest && done + kExecuteToCommit + 1 < until &&
              path.registers.decides(effect.condition, outcome) && outcome != taken) {
            mispredict(path, record.taken, taken, taken ? target : next, done, depth);
            if (outcome) targets_.update(pc, step.target);
            path.pc = outcome ? step.target : next;
            direction_.push(pc, outcome);
            indirect_.direction(outcome);
            continue;
          }
          direction_.push(pc, taken);
          indirect_.direction(record.taken);
          break;
        }
        case Control::kJump:
        case Control::kCall:
          target = step.target;
          if (targets_.lookup(pc) != target) {
            delay = kFetchToDecode + 2;
            if (depth < kDeepest) fetch_on(path, next, std::min(until, path.fetch + delay));
            targets_.update(pc, target);
          }
          if (step.control == Control::kCall) path.returns.push(next);
          uncondition(pc);
          break;
        case Control::kReturn:
          target = path.returns.pop();
          uncondition(pc);
          break;
        case Control::kIndirectJump:
        case Control::kIndirectCall:
          target = indirect_.peek(pc);
          if (step.control == Control::kIndirectCall) path.returns.push(next);
          uncondition(pc);
          break;
      }
      if (target != 0) {
        path.slots = kFetchWidth;
        path.fetch += delay;
        path.pc = target;
      } else {
        path.pc = next;
      }
    }
  }
  // Whether the predictor takes a division's microcode for another turn.
  bool stays_in_division(uint64_t pc) {
    DirectionPredictor::Record record;
    const uint64_t branch = pc | uint64_t{1} << 48;
    direction_.predict(branch, record);
    const bool taken = record.taken && targets_.lookup(branch) != 0;
    direction_.push(branch, taken);
    indirect_.direction(record.taken);
    return taken;
  }
  static void next_fetch_cycle(Path& path) {
    ++path.fetch;
    path.slots = 0;
  }
  // Fetch goes straight on until it is told of a jump.
  void fetch_on(const Path& path, uint64_t next, uint64_t told) {
    const auto history = direction_.history();
    const auto indirect_history = indirect_.history();
    const auto before = wrong_;
    Path ahead = path;
    ahead.pc = next;
    ahead.admitted = false;
    follow(ahead, told, 0, kDeepest);
    wrong_ = before;
    direction_.restore(history);
    indirect_.restore(indirect_history);
  }

  // A branch on a mispredicted path that was itself mispredicted, which is found when it is done: what follows it on the
  // path that was predicted is fetched, executed and thrown away before the one that is `path`'s goes on.
  void mispredict(Path& path, bool direction, bool taken, uint64_t wrong, uint64_t done, int depth) {
    using namespace parameter;
    const uint64_t seen = done + kExecuteToCommit, reached = wrong_.reached;
    ++statistics_.nested;
    const auto history = direction_.history();
    const auto indirect_history = indirect_.history();
    Path inner = path;
    inner.pc = wrong;
    if (taken) inner.slots = kFetchWidth;
    direction_.push(path.pc, taken);
    indirect_.direction(direction);
    follow(inner, seen + 1, seen - 2, depth + 1);
    direction_.restore(history);
    indirect_.restore(indirect_history);
    const uint64_t cycles = std::max<uint64_t>(1, (wrong_.reached - reached + kSquashWidth - 1) / kSquashWidth);
    wrong_.fetched = wrong_.reached;
    wrong_.renamed = std::max(wrong_.renamed, seen + cycles + (cycles > 1 ? 4 : 2));
    wrong_.in_cycle = 0;
    path.fetch = seen + 2;
    path.slots = 0;
    path.buffer = ~uint64_t{0};
  }

  // What is taken in a cycle, which never goes back, but for what the path that is followed takes of registers and queues.
  void look_at_queues(uint64_t cycle) {
    while (wrong_.two < wrong_.reached && wrong_rename_[wrong_.two % kRing] + 2 <= cycle) ++wrong_.two;
    while (wrong_.ten < wrong_.reached && wrong_rename_[wrong_.ten % kRing] + 10 <= cycle) ++wrong_.ten;
    advance_queue(cycle - 1);
    auto& taken = wrong_.taken;
    taken.cycle = cycle;
    taken.reorder_buffer = reorder_buffer(cycle) + wrong_.two - wrong_.ten;
    taken.issue_queue = count_ + 1 - left_queue_;  // the branch that led here has its time of leaving, but isn't counted yet
    taken.integers = in_flight(integer_commit_, integer_count_, integer_free_, cycle - 1);
    taken.floats = in_flight(float_commit_, float_count_, float_free_, cycle - 1);
    taken.loads = in_flight(load_commit_, load_count_, load_free_, cycle - 2);
  }
  // Whether the issue queue has room for a micro-op of a mispredicted path that is renamed in a cycle.
  static bool has_issue_queue(Path& path, uint64_t room, uint64_t cycle) {
    if (path.waiting < room) return true;
    if (path.soonest >= cycle) return false;
    uint64_t kept = 0, soonest = ~uint64_t{0};
    for (uint64_t i = 0; i < path.waiting; ++i) {
      const uint64_t leaves = path.leaves[i];
      path.leaves[kept] = leaves;
      kept += leaves >= cycle;
      soonest = std::min(soonest, leaves >= cycle ? leaves : ~uint64_t{0});
    }
    path.waiting = kept;
    path.soonest = soonest;
    return path.waiting < room;
  }
  // How many older stores aren't written for rename in a cycle, which never goes back.
  uint64_t store_queue(uint64_t cycle) {
    write_until(cycle);
    if (store_free_ + parameter::kStoreQueue < store_count_) store_free_ = store_count_ - parameter::kStoreQueue;
    while (store_free_ < written_ && stores_[store_free_ % kStores].done + 2 <= cycle) ++store_free_;
    return store_count_ - store_free_;
  }

  // Whether a micro-op of a mispredicted path that comes to rename in cycle `arrival` gets through until `last`.
  bool admit(Path& path, const Uop& uop, uint64_t arrival, uint64_t last) {
    using namespace parameter;
    uint64_t& t = wrong_.renamed;
    if (arrival > t) {
      t = arrival;
      wrong_.in_cycle = 0;
    }
    for (; t <= last; ++t, wrong_.in_cycle = 0) {
      if (wrong_.in_cycle == kRenameWidth) continue;
      const auto& taken = wrong_.taken;
      if (taken.cycle != t) look_at_queues(t);
      if (taken.reorder_buffer + wrong_.reached >= kReorderBuffer ||
          !has_issue_queue(path, kIssueQueue - taken.issue_queue, t) ||
          taken.integers + path.integers + uop.integers > kIntegerRegisters ||
          taken.floats + path.floats + uop.floats > kFloatRegisters ||
          (uop.op == Op::kLoad && taken.loads + path.loads >= kLoadQueue) ||
          (uop.op == Op::kStore && store_queue(t) + path.stores >= kStoreQueue))
        continue;
      ++wrong_.in_cycle;
      path.integers += uop.integers;
      path.floats += uop.floats;
      path.loads += uop.op == Op::kLoad;
      path.stores += uop.op == Op::kStore;
      return true;
    }
    return false;
  }

  // How many entries of a resource that is freed at commit are still taken after a cycle, which never goes back.
  static uint64_t in_flight(const std::array<uint64_t, kRing>& commit, uint64_t count, uint64_t& freed, uint64_t cycle) {
    if (freed + kRing / 2 < count) freed = count - kRing / 2;
    while (freed < count && commit[freed % kRing] <= cycle) ++freed;
    return count - freed;
  }

  // A micro-op on a mispredicted path that was just renamed: a load fills the cache if it executes in time. Returns when it
  // is done.
  uint64_t execute_wrongly(Path& path, const Uop& uop, uint64_t address, uint64_t until) {
    using namespace parameter;
    uint64_t ready = wrong_.renamed + kRenameToDispatch;
    ready = sources_ready(uop, path.ready, ready);
    uint64_t done = ready + kUnits[static_cast<int>(uop.op)].latency, leaves = ready;
    if (uop.op == Op::kLoad || uop.op == Op::kStore) {
      const uint16_t set = sets_[store_set(path.pc)];
      if (set != 0) {
        const StoreSet& before = last_of_set_[set - 1];
        if (before.valid && before.issued >= wrong_.renamed + kRenameToDispatch) ready = std::max(ready, before.executed);
      }
      done = ready + 1;
      if (uop.op == Op::kLoad) {
        const uint64_t executed = ready + 1;
        done = executed + 1;
        if (executed >= until) {
          done = until;
        } else if (address != 0 && memory_.pages().touched(address) && !address_is_stored(path, address)) {
          write_until(executed);
          if (!in_store_queue(address, executed)) done = memory_.data(address, executed, false);
        }
      }
      leaves = done;
    }
    path.leaves[path.waiting++] = leaves;
    path.soonest = std::min(path.soonest, leaves);
    for (const uint8_t r : uop.destination) path.ready[r] = done;
    return done;
  }

  // Whether a load on a mispredicted path finds an older store that isn't written yet.
  bool in_store_queue(uint64_t address, uint64_t now) const {
    const uint64_t granule = address >> parameter::kDependenceShift;
    const uint64_t number = last_in_bucket_[granule % kBuckets];
    if (number == 0) return false;
    const Store& store = stores_[(number - 1) % kStores];
    return store.number == number && waits(store, now) && store.address >> parameter::kDependenceShift == granule;
  }
  static void remember_store(Path& path, uint64_t address) {
    const uint64_t granule = address >> parameter::kDependenceShift;
    path.stored[granule & (kWrongStores - 1)] = granule;
  }
  static bool address_is_stored(const Path& path, uint64_t address) {
    const uint64_t granule = address >> parameter::kDependenceShift;
    return path.stored[granule & (kWrongStores - 1)] == granule;
  }

  // ---- one micro-op

  // Fetch, decode and rename.
  template <bool kMemory>
  void enter(const Uop& uop, uint64_t floor, Times& times) {
    using namespace parameter;
    times.fetch = fetch_slot();
    uint64_t decoded =
        std::max(times.fetch + kFetchToDecode, times.fetch < late_from_ ? decode_floor_ : late_decode_floor_);
    decoded = std::max(decoded, decode_[(count_ - kDecodeWidth) % kRing] + 1);
    decoded = std::max(decoded, rename_[(count_ - kDecodeAhead) % kRing]);
    decode_[count_ % kRing] = decoded;
    times.rename = rename<kMemory>(uop, decoded, floor);
  }

  // Few have more than four sources, and those that aren't there bind nothing.
  static uint64_t sources_ready(const Uop& uop, const std::array<uint64_t, reg::kCount>& ready, uint64_t floor) {
    for (int i = 0; i < 4; ++i) floor = std::max(floor, ready[uop.source[i]]);
    for (int i = 4; i < uop.sources; ++i) floor = std::max(floor, ready[uop.source[i]]);
    return floor;
  }

  // Commit, and what later micro-ops have to know.
  void leave(const Uop& uop, uint64_t earliest, Times& times) {
    times.commit = commit(std::max(earliest, commit_floor_));
    for (const uint8_t r : uop.destination) ready_[r] = times.done;
    for (int i = 0; i < uop.integers; ++i) integer_commit_[integer_count_++ % kRing] = times.commit;
    for (int i = 0; i < uop.floats; ++i) float_commit_[float_count_++ % kRing] = times.commit;
    rename_[count_ % kRing] = times.rename;
    commit_[count_ % kRing] = times.commit;
    squashed_[count_ % kRing] = dead_next_;
    frees_[count_ % kRing] = static_cast<uint8_t>(uop.integers | uop.floats << 2 | (uop.op == Op::kLoad) << 4);
    dead_ += dead_next_;
    dead_next_ = 0;
    ++count_;
  }

  // `wrong`: where fetch went after it if it is a mispredicted branch, else 0.
  [[gnu::noinline]] Times micro_op(const Uop& uop, uint64_t wrong = 0) { return step(uop, wrong); }

  [[gnu::always_inline]] Times step(const Uop& uop, uint64_t wrong) {
    ++statistics_.uops;
    ++statistics_.by_class[static_cast<int>(uop.op)];
    constexpr uint8_t kSpecial = Uop::kNonSpeculative | Uop::kSerializeAfter | Uop::kSerializeBefore |
                                 Uop::kLoadBarrier | Uop::kStoreBarrier;
    if (uop.op == Op::kLoad || uop.op == Op::kStore || (uop.flags & kSpecial) != 0) return special(uop, wrong);
    Times times;
    enter<false>(uop, 0, times);
    const uint64_t issued = issue(uop.op, sources_ready(uop, ready_, times.rename + parameter::kRenameToDispatch));
    times.done = issued + parameter::kUnits[static_cast<int>(uop.op)].latency;
    leave_queue(issued);
    if (__builtin_expect(wrong != 0, 0)) squash(times, times.done, wrong);
    leave(uop, times.done + parameter::kExecuteToCommit + 1, times);
    return times;
  }

  // One that accesses memory, or waits for the machine to be empty.
  [[gnu::noinline]] Times special(const Uop& uop, uint64_t wrong) {
    using namespace parameter;
    const Access* access = nullptr;
    if (uop.op == Op::kLoad || uop.op == Op::kStore)
      access = uop.access < access_count_ ? &accesses_[uop.access] : nullptr;

    Times times;
    const uint64_t floor =
        uop.flags & Uop::kSerializeBefore ? std::max(last_commit_, all_written()) + 2 : uint64_t{0};
    for (int attempt = 0;; ++attempt) {
      enter<true>(uop, floor, times);
      uint64_t ready = sources_ready(uop, ready_, times.rename + kRenameToDispatch);
      if (uop.flags & Uop::kNonSpeculative) {
        const uint64_t head = std::max({times.rename + kRenameToDispatch, last_commit_ + 1, all_written() + 1});
        ready = std::max(ready, head + 2);
      }
      if (access != nullptr && memory_.pages().first_touch(access->address)) {
        // A page fault: the access executes, traps and starts again.
        ++statistics_.faults;
        take_trap(times, issue(uop.op, ready) + 1 + kExecuteToCommit + 1);
        fetch_block(pc_ / kFetchBytes);
        continue;
      }
      if (uop.op == Op::kLoad) {
        const uint64_t violated = load(uop, access, times, ready);
        if (violated == 0) break;
        // A load that overtook a store to the same bytes starts again from fetch.
        if (attempt < 3) {
          squash(times, violated, 0);
          continue;
        }
        times.done = violated + 1;
        break;
      }
      if (uop.op == Op::kStore) {
        store(times, ready);
        break;
      }
      const uint64_t issued = issue(uop.op, ready);
      times.done = issued + kUnits[static_cast<int>(uop.op)].latency;
      leave_queue(issued);
      break;
    }

    if (wrong != 0) squash(times, times.done, wrong);
    leave(uop, times.done + kExecuteToCommit + 1, times);
    if (uop.op == Op::kStore) retire_store(access, uop, times);
    if (uop.op == Op::kLoad) load_commit_[load_count_++ % kRing] = times.commit;
    if (uop.flags & (Uop::kLoadBarrier | Uop::kStoreBarrier)) {
      if (uop.flags & Uop::kLoadBarrier) load_barrier_ = times.done;
      store_barrier_ = times.done;
    }
    if (uop.flags & Uop::kSerializeAfter)
      rename_floor_ = std::max(rename_floor_, std::max(times.commit, all_written()) + 2);
    return times;
  }

  // What a load that executes in a certain cycle finds in the store queue.
  struct Found {
    uint64_t violated = 0, violator = 0;  // the cycle and the number of a store that the load overtook, 0 if none
    uint64_t source = 0;                  // number of the store that it depends on
    bool forwards = false;                // which has all of its bytes
    uint8_t answer() const {
      return source == 0 ? Question::kAccess : forwards ? Question::kForwarded : Question::kWaited;
    }
  };
  Found search(uint64_t address, uint64_t bytes, uint64_t executed) const {
    using namespace parameter;
    Found found;
    const uint64_t end = address + bytes;
    const uint64_t first = address >> kDependenceShift, last = (end - 1) >> kDependenceShift;
    for (uint64_t granule = first; granule <= last; ++granule) {
      uint64_t number = last_in_bucket_[granule % kBuckets];
      while (number != 0 && number + kStoreQueue >= store_count_) {
        const Store& store = stores_[(number - 1) % kStores];
        if (store.number != number) break;
        if (store.done <= executed) break;
        const uint64_t store_end = store.address + store.bytes;
        if (store.address >> kDependenceShift <= last && (store_end - 1) >> kDependenceShift >= first) {
          if (store.executed > executed) {
            if (found.violated == 0 || store.executed < found.violated) {
              found.violated = store.executed;
              found.violator = number;
            }
          } else if (waits(store, executed) && store.address < end && address < store_end && found.source < number) {
            found.source = number;
            found.forwards = store.address <= address && store_end >= end;
          }
        }
        number = store.previous;
      }
    }
    return found;
  }

  // Returns 0, or the cycle in which a store finds that this load came too early.
  uint64_t load(const Uop& uop, const Access* access, Times& times, uint64_t ready) {
    using namespace parameter;
    const uint64_t dispatched = times.rename + kRenameToDispatch;
    ready = std::max(ready, load_barrier_);
    const uint32_t slot = store_set(pc_);
    const uint16_t set = sets_[slot];
    if (set != 0) {
      const StoreSet& last = last_of_set_[set - 1];
      if (last.valid && last.issued >= dispatched) ready = std::max(ready, last.executed);
    }
    const uint64_t issued = issue(Op::kLoad, ready);
    uint64_t executed = issued + 1;
    write_until(executed);
    const uint64_t looked = executed;
    uint8_t answer = Question::kNoAccess, source = 0;
    if (access == nullptr) {
      times.done = executed + 1;
    } else {
      const uint64_t address = access->address;
      const Found found = search(address, uop.bytes, executed);
      if (found.violated != 0) {
        ++statistics_.violations;
        recording_.spoiled = true;
        join_sets(slot, store_set(store_pc_[(found.violator - 1) % kStores]));
        return found.violated;
      }
      source = static_cast<uint8_t>(store_count_ - found.source);
      answer = found.answer();
      if (answer == Question::kForwarded) {
        ++statistics_.forwards;
        times.done = executed + 1;
      } else {
        if (answer == Question::kWaited) {
          write_next(found.source);
          executed = std::max(executed, stores_[(found.source - 1) % kStores].done + 1);
        }
        times.done = memory_.data(address, uop.bytes, executed, false);
      }
    }
    if (recording_.on) {
      Question question{};
      question.kind = Question::Kind::kLoad;
      question.answer = answer;
      question.source = source;
      question.executed = recording_.relative(looked);
      question.bytes = uop.bytes;
      question.access = recording_.place_of(access);
      question.place = static_cast<uint16_t>(slot);
      question.set = set;
      question.at = recording_.relative(executed);
      question.latency = recording_.span(executed, times.done);
      recording_.next() = question;
    }
    leave_queue(times.done);
    return 0;
  }

  void store(Times& times, uint64_t ready) {
    using namespace parameter;
    ready = std::max(ready, store_barrier_);
    const uint64_t dispatched = times.rename + kRenameToDispatch;
    const uint16_t set = sets_[store_set(pc_)];
    if (set != 0) {
      const StoreSet& last = last_of_set_[set - 1];
      if (last.valid && last.issued >= dispatched) ready = std::max(ready, last.executed);
    }
    const uint64_t issued = issue(Op::kStore, ready);
    times.done = issued + 1;
    leave_queue(times.done);
    if (set != 0) last_of_set_[set - 1] = {issued, times.done, true};
    issued_ = issued;
    set_ = set;
    if (++memory_operations_ > kStoreSetClear) {
      recording_.spoiled = true;
      memory_operations_ = 0;
      sets_.fill(0);
      for (StoreSet& s : last_of_set_) s.valid = false;
    }
  }

  // Committed stores are written one after the other, each when the one before is done. What is written in a cycle is
  // written before a younger load that executes later, but after one that executes earlier.
  void retire_store(const Access* access, const Uop& uop, const Times& times) {
    const uint64_t number = ++store_count_;
    Store& store = stores_[(number - 1) % kStores];
    store.number = number;
    store_pc_[(number - 1) % kStores] = pc_;
    store.issued = issued_;
    store.set = set_;
    store.executed = times.done;
    store.sent = times.commit + 2;
    store.done = kUnwritten;
    store.address = access != nullptr ? access->address : 0;
    store.bytes = access != nullptr ? uop.bytes : 0;
    enter_buckets(store);
    if (recording_.on) {
      Question question{};
      question.kind = Question::Kind::kStore;
      question.bytes = static_cast<uint8_t>(store.bytes);
      question.answer = access != nullptr ? Question::kAccess : Question::kNoAccess;
      question.access = recording_.place_of(access);
      question.place = static_cast<uint16_t>(store_set(pc_));
      question.set = set_;
      question.issued = recording_.relative(store.issued);
      question.executed = recording_.relative(store.executed);
      question.at = recording_.relative(store.sent);
      recording_.next() = question;
    }
  }
  void enter_buckets(Store& store) {
    store.previous = 0;
    if (store.bytes == 0) return;
    const uint64_t bucket = store.address >> parameter::kDependenceShift;
    const uint64_t last = (store.address + store.bytes - 1) >> parameter::kDependenceShift;
    store.previous = last_in_bucket_[bucket % kBuckets];
    last_in_bucket_[bucket % kBuckets] = store.number;
    if (last != bucket) last_in_bucket_[last % kBuckets] = store.number;
  }
  void write(Store& store) {
    store.sent = std::max(store.sent, last_store_done_);
    store.done = store.bytes != 0 ? memory_.data(store.address, store.bytes, store.sent, true) : store.sent + 1;
    last_store_done_ = store.done;
    ++written_;
    if (recording_.on) {
      Question question{};
      question.kind = Question::Kind::kWrite;
      question.at = recording_.relative(store.sent);
      question.latency = recording_.span(store.sent, store.done);
      recording_.next() = question;
    }
  }
  // Whether a store that is old enough isn't on its way to the cache in `cycle`.
  static bool waits(const Store& store, uint64_t cycle) { return store.done == kUnwritten || store.sent > cycle; }
  // Writes the stores that are due up to `cycle`.
  void write_until(uint64_t cycle) {
    while (written_ != store_count_ && last_store_done_ <= cycle && stores_[written_ % kStores].sent <= cycle)
      write(stores_[written_ % kStores]);
  }
  // Writes all stores up to the one of this number.
  void write_next(uint64_t number) {
    while (written_ < number) write(stores_[written_ % kStores]);
  }
  // The cycle in which no store is left.
  uint64_t all_written() {
    write_next(store_count_);
    return last_store_done_;
  }

  static uint32_t store_set(uint64_t pc) { return static_cast<uint32_t>(pc >> 2) & (parameter::kStoreSets - 1); }
  void join_sets(uint32_t load_slot, uint32_t store_slot) {
    uint16_t &a = sets_[load_slot], &b = sets_[store_slot];
    if (a == 0 && b == 0) {
      a = b = static_cast<uint16_t>(load_slot + 1);
    } else if (a == 0) {
      a = b;
    } else if (b == 0) {
      b = a;
    } else {
      a = b = std::min(a, b);
    }
  }

  // ---- branches

  void learn(uint64_t fetch) {
    while (pending_first_ != pending_last_ && pending_[pending_first_ % kRing].commit < fetch) {
      const PendingUpdate& update = pending_[pending_first_ % kRing];
      direction_.commit(update.record, update.taken);
      ++pending_first_;
    }
  }
  PendingUpdate& expect() {
    if (pending_last_ - pending_first_ == kRing) learn(~uint64_t{0});
    return pending_[pending_last_ % kRing];
  }

  // A conditional branch at `pc`, with `target` as the target buffer knows it.
  void conditional(const Uop& uop, uint64_t target, bool taken, uint64_t fall_through) {
    if (slots_ == parameter::kFetchWidth) next_fetch_cycle();
    learn(fetch_);
    if (recording_.on) recording_.learned = recording_.relative(fetch_);
    PendingUpdate& update = expect();
    direction_.predict(pc_, update.record);
    bool predicted = update.record.taken;
    const bool direction = predicted;
    bool late = false;
    uint64_t known = 0;
    if (predicted) {
      known = targets_.lookup(pc_);
      if (known == 0) {
        predicted = false;
      } else if (known != target) {
        late = true;  // decode finds the right target
      }
    }
    const bool mispredicted = predicted != taken;
    const uint64_t wrong = (predicted ? known : fall_through) & kAddress;
    const Times times = micro_op(uop, mispredicted ? wrong : 0);
    direction_.push(pc_, taken);
    indirect_.direction(mispredicted ? taken : direction);
    if (recording_.on) recording_.committed = recording_.relative(times.commit);
    update.commit = times.commit;
    update.taken = taken;
    ++pending_last_;
    if (mispredicted) {
      ++statistics_.mispredicts;
      if (taken) targets_.update(pc_, target);
    } else if (late) {
      ++statistics_.redirects;
      targets_.update(pc_, target);
      redirect(times.fetch + parameter::kFetchToDecode + 2);
    } else if (taken) {
      slots_ = parameter::kFetchWidth;
    }
  }
  void micro_branch(const Uop& uop, bool taken, uint64_t position) {
    conditional(uop, pc_ | (position << 48), taken, after_);
  }

  void branch(const Decoded& instruction, const Uop& uop, uint64_t next) {
    const uint64_t fall_through = instruction.address + instruction.size;
    switch (instruction.control) {
      case Control::kConditional:
        conditional(uop, instruction.target, next == instruction.target && next != 0, fall_through);
        return;
      case Control::kJump:
      case Control::kCall: {
        if (instruction.control == Control::kCall) returns_.push(fall_through);
        const Times times = micro_op(uop);
        uncondition(pc_);
        if (targets_.lookup(pc_) == instruction.target) {
          slots_ = parameter::kFetchWidth;
        } else {
          // Until decode says so, fetch goes straight on.
          const uint64_t told = times.fetch + parameter::kFetchToDecode + 2;
          if (wrong_path_.follows()) wander(after_, times.fetch, told, 0, false);
          ++statistics_.redirects;
          targets_.update(pc_, instruction.target);
          redirect(told);
        }
        return;
      }
      case Control::kReturn: {
        const uint64_t predicted = returns_.pop();
        const bool right = predicted == next;
        micro_op(uop, right ? 0 : (predicted != 0 ? predicted : fall_through));
        uncondition(pc_);
        if (right) {
          slots_ = parameter::kFetchWidth;
        } else {
          ++statistics_.mispredicts;
        }
        return;
      }
      default: {
        if (instruction.control == Control::kIndirectCall) returns_.push(fall_through);
        const uint64_t predicted = indirect_.lookup(pc_);
        const bool right = predicted == next;
        micro_op(uop, right ? 0 : (predicted != 0 ? predicted : fall_through));
        indirect_.resolve(pc_, next, !right);
        uncondition(pc_);
        if (right) {
          slots_ = parameter::kFetchWidth;
        } else {
          ++statistics_.mispredicts;
        }
      }
    }
  }

  // A system call or a warning traps when it is the oldest and every store is written. It doesn't count as executed.
  void trap(const Uop& uop) {
    ++statistics_.traps;
    --statistics_.uops;
    const Times times = micro_op(uop);
    take_trap(times, std::max(times.done + parameter::kExecuteToCommit + 1, times.commit));
  }

  // ---- loops in microcode

  void divide(const Decoded& instruction, const Uop* uop) {
    // A step retires one set bit of the quotient, the last one its trailing zeros.
    const uint64_t quotient = has_quotient_ ? quotient_ : 0x55;
    has_quotient_ = false;
    const int bits = instruction.operand_bits;
    const uint64_t low = bits == 64 ? quotient : quotient & ((uint64_t{1} << bits) - 1);
    const int steps = __builtin_popcountll(low) + ((low & 1) == 0 ? 1 : 0);
    const int unrolled = bits == 8 ? 2 : 4;
    const int iterations = std::max(1, (steps - 2 + unrolled - 1) / unrolled);
    for (int i = 0; i < instruction.loop_first; ++i) micro_op(uop[i]);
    const Uop* body = uop + instruction.loop_first;
    for (int k = 0; k < iterations; ++k) {
      for (int i = 0; i + 1 < instruction.loop_count; ++i) micro_op(body[i]);
      micro_branch(body[instruction.loop_count - 1], k + 1 < iterations, 1);
    }
    for (int i = instruction.loop_first + instruction.loop_count; i < instruction.count; ++i) micro_op(uop[i]);
  }

  void repeat(const Decoded& instruction, const Uop* uop, uint64_t next, bool resumed) {
    const Access* const all = accesses_;
    const size_t total = access_count_;
    const size_t each = instruction.loop_accesses;
    const size_t iterations = each > 0 ? total / each : 0;
    const Uop* body = uop + instruction.loop_first;
    const Uop& back = body[instruction.loop_count - 1];
    if (!resumed) {
      micro_op(uop[0]);
      micro_branch(uop[1], iterations == 0, 1);
      if (iterations > 0)
        for (int i = 2; i < instruction.loop_first; ++i) micro_op(uop[i]);
      looping_ = false;
    }
    for (size_t k = 0; k < iterations; ++k) {
      if (looping_) micro_branch(back, true, 2);
      accesses_ = all + k * each;
      access_count_ = each;
      for (int i = 0; i + 1 < instruction.loop_count; ++i) micro_op(body[i]);
      looping_ = true;
    }
    if (next != instruction.address) {
      if (looping_) micro_branch(back, false, 2);
      looping_ = false;
      for (int i = instruction.loop_first + instruction.loop_count; i < instruction.count; ++i) micro_op(uop[i]);
    }
  }

  static constexpr uint64_t kBuckets = 2048, kStores = 128, kDecodeAhead = 12;

  static constexpr uint64_t kAddress = (uint64_t{1} << 48) - 1;

  WrongPath wrong_path_;
  Memory memory_;
  DirectionPredictor direction_;
  TargetBuffer targets_;
  ReturnStack returns_;
  IndirectPredictor indirect_;
  Statistics statistics_;
  Recording recording_;

  uint64_t pc_ = 0, after_ = 0;
  const Access* accesses_ = nullptr;
  size_t access_count_ = 0;
  const uint64_t* registers_ = nullptr;
  uint64_t quotient_ = 0;
  bool has_quotient_ = false;
  bool looping_ = false;

  uint64_t count_ = 0;  // micro-ops so far
  uint64_t fetch_ = 10, buffer_ = ~uint64_t{0};
  int slots_ = 0;
  std::array<uint64_t, kRing> decode_{}, rename_{}, commit_{};
  std::array<uint16_t, kRing> squashed_{};  // micro-ops that were thrown away after it
  std::array<uint8_t, kRing> frees_{};      // registers and load queue entries that it frees, for memo.h
  uint16_t dead_next_ = 0;                  // the same of the one under way
  uint64_t dead_ = 0;                       // squashed ones after those that aren't known to be committed
  uint64_t last_rename_ = 0, rename_floor_ = 0;
  uint64_t decode_floor_ = 0, late_decode_floor_ = 0, late_from_ = 0;
  int renamed_in_cycle_ = 0;
  uint64_t committed_ = 0, renamed_2_ = 0, renamed_10_ = 0;
  uint64_t queue_cycle_ = 0, left_queue_ = 0;
  std::array<uint16_t, kRemoved> removed_{};
  uint64_t last_removed_ = 0;  // the last cycle in which something leaves the queue
  uint64_t integer_count_ = 0, float_count_ = 0, load_count_ = 0, store_count_ = 0;
  std::array<uint64_t, kRing> integer_commit_{}, float_commit_{}, load_commit_{};
  uint64_t integer_free_ = 0, float_free_ = 0, load_free_ = 0, store_free_ = 0;  // the first ones are free again
  // The mispredicted path that is followed: micro-ops fetched, those that reached the reorder buffer (also those thrown
  // away since), the cycle in which the last one was renamed, how many were in that cycle, and which were renamed two
  // and ten cycles before; and what is taken in the cycle that was looked at last.
  struct {
    uint64_t fetched = 0, reached = 0, renamed = 0, in_cycle = 0, two = 0, ten = 0;
    struct {
      uint64_t cycle = ~uint64_t{0}, reorder_buffer, issue_queue, integers, floats, loads;
    } taken;
  } wrong_;
  std::array<uint64_t, kRing> wrong_rename_{};
  std::array<uint64_t, reg::kCount> ready_{};
  std::array<uint64_t, kBusy> busy_{};
  uint64_t last_busy_ = 0;  // the last cycle in which a port is taken
  std::array<uint8_t, static_cast<int>(Op::kCount)> turn_{};
  uint64_t last_commit_ = 0, commit_floor_ = 0;
  int committed_in_cycle_ = 0;
  std::array<Store, kStores> stores_{};
  std::array<uint64_t, kStores> store_pc_{};
  std::array<uint64_t, kBuckets> last_in_bucket_{};
  uint64_t written_ = 0, last_store_done_ = 0;  // the first stores are written
  uint64_t load_barrier_ = 0, store_barrier_ = 0;
  std::array<uint16_t, parameter::kStoreSets> sets_{};
  std::array<StoreSet, parameter::kStoreSets> last_of_set_{};
  int memory_operations_ = 0;
  uint64_t issued_ = 0;  // of the store that is under way, and its set
  uint16_t set_ = 0;
  std::array<PendingUpdate, kRing> pending_{};
  uint64_t pending_first_ = 0, pending_last_ = 0;
};

}  // namespace skylake
