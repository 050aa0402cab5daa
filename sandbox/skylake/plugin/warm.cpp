#include "warm.h"

#include <link.h>
#include <pthread.h>
#include <sys/mman.h>
#include <ucontext.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <unordered_set>
#include <utility>
#include <vector>

#include "../model/model.h"
#include "guest.h"
#include "report.h"
#include "server.h"

namespace skylake::warm {
namespace {

// What the children noted, in memory that they share with the parent, outside the guest's.
struct Notes {
  static constexpr uint32_t kBlocks = 1 << 14, kSteps = 1 << 15;
  uint32_t block_count, step_count;
  uint64_t blocks[kBlocks], steps[kSteps];
};

constexpr size_t kLongestStack = 1 << 20;  // of QEMU from its start to the callback

Notes* notes;
std::vector<std::pair<uint64_t, uint64_t>> code;  // first address and the one after the last
std::unordered_set<uint64_t> known_blocks, known_steps;
std::vector<uint64_t> wanted;

bool turning_back, ahead, leaving;
ptrdiff_t reader = -1;  // where QEMU's RCU reader lies in its thread-local variables; -1: not known yet
ucontext_t place, elsewhere;
alignas(16) char other_stack[1 << 14];
std::vector<char> stack, thread_data;
char *stack_from, *thread_data_from;
guest::State state;
Translated* interrupted;

[[noreturn]] void turn_back();

void on_block_ahead(unsigned, void*) {
  if (!leaving) turn_back();
}

Translated sentinel{nullptr, 0, 0, on_block_ahead, nullptr};

// QEMU runs blocks inside of a read-side section of RCU: `reader` is a counter (0 outside), whether somebody waits for the
// section's end, and a depth; what follows belongs to the thread that waits. Turning back ends the section, but wakes nobody.
constexpr ptrdiff_t kWaiting = 8, kDepth = 12;
void find_reader() {
  auto word = [](const char* from, auto& into) { memcpy(&into, from, sizeof into); };
  for (ptrdiff_t at = 0; at + kDepth + 4 <= static_cast<ptrdiff_t>(thread_data.size()); at += 8) {
    uint64_t before, now;
    uint32_t depth_before, depth;
    word(thread_data.data() + at, before);
    word(thread_data_from + at, now);
    word(thread_data.data() + at + kDepth, depth_before);
    word(thread_data_from + at + kDepth, depth);
    if (before == 0 && now != 0 && depth_before == 0 && depth == 1) reader = at;
  }
  if (reader < 0) fail("this QEMU keeps its threads' state elsewhere; use Debian's qemu-user 7.2");
}

std::atomic<char>& somebody_waits() { return *reinterpret_cast<std::atomic<char>*>(thread_data_from + reader + kWaiting); }

// Runs on a stack of its own, since it overwrites QEMU's.
void restore() {
  memcpy(stack_from, stack.data(), stack.size());
  if (reader < 0) find_reader();
  memset(thread_data_from + reader, 0, sizeof(uint64_t));
  memset(thread_data_from + reader + kDepth, 0, sizeof(uint32_t));
  std::atomic_thread_fence(std::memory_order_seq_cst);
  guest::restore(state);
  setcontext(&place);
}

void turn_back() {
  getcontext(&elsewhere);
  elsewhere.uc_stack.ss_sp = other_stack;
  elsewhere.uc_stack.ss_size = sizeof other_stack;
  elsewhere.uc_link = nullptr;
  makecontext(&elsewhere, restore, 0);
  setcontext(&elsewhere);
  fail("can't change the stack");
}

bool is_code(uint64_t address) {
  return std::any_of(code.begin(), code.end(), [&](auto& part) { return part.first <= address && address < part.second; });
}

char* stack_end() {
  pthread_attr_t attributes;
  void* lowest = nullptr;
  size_t size = 0;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0) return nullptr;
  pthread_attr_getstack(&attributes, &lowest, &size);
  pthread_attr_destroy(&attributes);
  return static_cast<char*>(lowest) + size;
}

// QEMU's own thread-local variables, which say that it runs a block: the program comes first in the list.
int find_thread_data(dl_phdr_info* info, size_t, void*) {
  for (int i = 0; i < info->dlpi_phnum; i++) {
    if (info->dlpi_phdr[i].p_type != PT_TLS || !info->dlpi_tls_data) continue;
    thread_data_from = static_cast<char*>(info->dlpi_tls_data);
    thread_data.assign(thread_data_from, thread_data_from + info->dlpi_phdr[i].p_memsz);
  }
  return 1;
}

void collect() {
  for (uint32_t i = 0; i < std::min(notes->step_count, Notes::kSteps); i++)
    if (is_code(notes->steps[i]) && known_steps.insert(notes->steps[i]).second) foresee(notes->steps[i]);
  for (uint32_t i = 0; i < std::min(notes->block_count, Notes::kBlocks); i++)
    if (is_code(notes->blocks[i]) && known_blocks.insert(notes->blocks[i]).second) wanted.push_back(notes->blocks[i]);
  notes->step_count = notes->block_count = 0;
}

}  // namespace

void start() {
  notes = static_cast<Notes*>(mmap(nullptr, sizeof(Notes), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  if (notes == MAP_FAILED) fail("can't set up");
}

void note_block(uint64_t address) {
  if (notes->block_count < Notes::kBlocks) notes->blocks[notes->block_count++] = address;
}

void note_step(uint64_t address) {
  if (notes->step_count < Notes::kSteps) notes->steps[notes->step_count++] = address;
}

void code_mapped(uint64_t address, uint64_t size) { code.emplace_back(address, address + size); }

void code_unmapped(uint64_t address, uint64_t size) {
  auto overlaps = [&](auto& part) { return part.first < address + size && address < part.second; };
  code.erase(std::remove_if(code.begin(), code.end(), overlaps), code.end());
}

bool up() {
  collect();
  if (wanted.empty()) return false;
  turning_back = false;
  getcontext(&place);
  if (!turning_back) {
    stack_from = reinterpret_cast<char*>(place.uc_mcontext.gregs[REG_RSP]);
    char* end = stack_end();
    if (end < stack_from || end - stack_from > static_cast<ptrdiff_t>(kLongestStack)) {
      wanted.clear();
      return false;
    }
    guest::save(state);
    interrupted = running;
    running = &sentinel;
    turning_back = true;
    dl_iterate_phdr(find_thread_data, nullptr);
    stack.assign(stack_from, end);
  }
  leaving = wanted.empty();
  if (leaving && !somebody_waits().load()) {
    running = interrupted;
    ahead = false;
    return false;
  }
  ahead = true;
  if (leaving) {
    guest::repeat_call();
    return true;
  }
  guest::go_on_at(wanted.back());
  wanted.pop_back();
  return true;
}

bool active() { return ahead; }

void arrive() { turn_back(); }

}  // namespace skylake::warm
