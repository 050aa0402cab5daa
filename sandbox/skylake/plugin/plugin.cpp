// The plugin: decodes a block when QEMU translates it, gathers its memory accesses while it runs, and hands it to the model
// when the next block starts, since only then its successor is known.
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "../model/model.h"
#include "guest.h"
#include "plugin.h"
#include "qemu_api.h"
#include "report.h"
#include "server.h"
#include "syscalls.h"
#include "warm.h"

#ifndef SKYLAKE_PLUGIN_API
#error "build.py defines SKYLAKE_PLUGIN_API after the version of QEMU"
#endif

namespace skylake {

Translated* running;

namespace {

// Accesses of the block that runs. The extra room is for what one instruction more can make before the check.
constexpr size_t kAccesses = 1 << 16;
Access accesses[kAccesses];
Access* cursor = accesses;
bool running_resumed;
uint64_t attention;  // a block's start at or after this cycle looks at more than the block
uint64_t reserved;
uint64_t* registers;

std::unordered_map<std::string, Translated> translations;

uint64_t account(uint64_t next) {
  auto n = static_cast<size_t>(cursor - accesses);
  return report->cycles = execute(running->block, accesses, n, next, running_resumed, registers);
}

[[gnu::noinline]] void attend(uint64_t now) {
  if (syscalls::answer_pending()) syscalls::apply_answer();
  attention = server::cycle_limit();
  if (now >= attention) finish(Ending::kTimeLimit, 0);
}

void on_block(unsigned, void* data) {
  auto* next = static_cast<Translated*>(data);
  if (__builtin_expect(running->tail != nullptr, 0)) {
    running->tail(0, running->tail_data);
    if (warm::active()) return;
  }
  uint64_t now = account(next->start);
  running_resumed = running->repeat == next->start && cursor != accesses;
  cursor = accesses;
  running = next;
  if (__builtin_expect(now >= attention, 0)) attend(now);
}

// The mixed word of an access: instruction << 1 | store.
void on_access(unsigned, uint32_t, uint64_t address, void* data) {
  if (__builtin_expect(address >= reserved, 0)) finish(Ending::kEscape, SIGSEGV);
  auto word = static_cast<uint32_t>(reinterpret_cast<uintptr_t>(data));
  *cursor = {address, word >> 1, word & 1};
  if (__builtin_expect(cursor < accesses + kAccesses - 1, 1)) cursor++;
}

// After a division: its helper in QEMU leaves the result in the guest's registers in memory.
void on_divided(unsigned, void* data) {
  *cursor = {registers[guest::RAX], static_cast<uint32_t>(reinterpret_cast<uintptr_t>(data)), 2};
  if (__builtin_expect(cursor < accesses + kAccesses - 1, 1)) cursor++;
}

// After rdtsc and rdtscp, which read the simulated clock.
void on_clock_read(unsigned, void*) {
  uint64_t now = counters().cycles;
  registers[guest::RAX] = static_cast<uint32_t>(now);
  registers[guest::RDX] = now >> 32;
}

void before_cpuid(unsigned, void*) { guest::hide_features(); }
void after_cpuid(unsigned, void*) { guest::show_features(); }

struct sigaction qemu_on_fault;

// QEMU's own handler serves faults at the guest's addresses (it protects pages that it has translated). A fault elsewhere
// is a program that looks for the host, and one on an unmapped page without a handler is a crash: either ends the run.
void on_fault(int number, siginfo_t* info, void* context) {
  bool own = info->si_code > 0;
  bool unmapped = info->si_code == SEGV_MAPERR && !syscalls::handles(number);
  if (own && (unmapped || !guest::contains_host(info->si_addr))) finish(Ending::kSignalled, number);
  qemu_on_fault.sa_sigaction(number, info, context);
}

void first_block(void* env, Translated* block, uint64_t memory_base) {
  guest::attach(env, memory_base, reserved);
  registers = static_cast<uint64_t*>(env);
  guest::build_first_frame();
  server::limit_memory();
  struct sigaction action {};
  action.sa_sigaction = on_fault;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigfillset(&action.sa_mask);
  sigaction(SIGSEGV, &action, &qemu_on_fault);
  attention = server::cycle_limit();
  running = block;
}

uint64_t guest_base;

extern "C" void skylake_first_block(void* env, void* data) {
  if (running) {
    on_block(0, data);
    return;
  }
  first_block(env, static_cast<Translated*>(data), guest_base);
}

// Called by generated code, which keeps QEMU's CPU state in %rbp.
extern "C" void skylake_enter(unsigned vcpu, void* data);
asm(R"(
  .text
  .local skylake_enter
  .type skylake_enter, @function
skylake_enter:
  mov %rbp, %rdi
  jmp skylake_first_block
  .size skylake_enter, .-skylake_enter
)");

enum class Special { kNone, kRepeat, kDivide, kCpuid, kClock };

bool is_string(uint8_t op) { return (op >= 0xa4 && op <= 0xa7) || (op >= 0xaa && op <= 0xaf); }

Special special_of(const uint8_t* code, size_t size) {
  bool f2f3 = false;
  size_t i = 0;
  for (; i < size; i++) {
    uint8_t b = code[i];
    if (b == 0xf2 || b == 0xf3)
      f2f3 = true;
    else if (b != 0x66 && b != 0x67 && b != 0x2e && b != 0x36 && b != 0x3e && b != 0x26 && b != 0x64 && b != 0x65)
      break;
  }
  if (i < size && (code[i] & 0xf0) == 0x40) i++;
  if (i + 1 >= size) return f2f3 && i < size && is_string(code[i]) ? Special::kRepeat : Special::kNone;
  uint8_t op = code[i];
  uint8_t second = code[i + 1];
  if ((op == 0xf6 || op == 0xf7) && (second & 0x30) == 0x30) return Special::kDivide;
  if (op != 0x0f) return Special::kNone;
  if (second == 0xa2) return Special::kCpuid;
  bool rdtscp = second == 0x01 && i + 2 < size && code[i + 2] == 0xf9;
  return second == 0x31 || rdtscp ? Special::kClock : Special::kNone;
}

void on_translate(qemu_plugin_id_t, qemu_plugin_tb* tb) {
  size_t n = qemu_plugin_tb_n_insns(tb);
  std::vector<Instruction> instructions(n);
  std::string key;
  for (size_t i = 0; i < n; i++) {
    auto* instruction = qemu_plugin_tb_get_insn(tb, i);
    auto* bytes = static_cast<const uint8_t*>(qemu_plugin_insn_haddr(instruction));
    instructions[i] = {qemu_plugin_insn_vaddr(instruction), bytes, static_cast<uint32_t>(qemu_plugin_insn_size(instruction))};
    key.append(reinterpret_cast<const char*>(bytes), instructions[i].size);
  }
  if (!guest_base) guest_base = reinterpret_cast<uint64_t>(instructions[0].bytes) - instructions[0].address;
  key.append(reinterpret_cast<const char*>(&instructions[0].address), 8);
  auto [entry, is_new] = translations.try_emplace(key);
  Translated& translated = entry->second;
  if (server::forked()) warm::note_block(instructions[0].address);
  if (is_new) {
    translated.block = decode(instructions.data(), n);
    translated.start = instructions[0].address;
  }
  qemu_plugin_vcpu_udata_cb_t due = nullptr;
  auto number = [](size_t word) { return reinterpret_cast<void*>(word); };
  for (size_t i = 0; i < n; i++) {
    auto* instruction = qemu_plugin_tb_get_insn(tb, i);
    if (due) qemu_plugin_register_vcpu_insn_exec_cb(instruction, due, QEMU_PLUGIN_CB_NO_REGS, number(i - 1));
    if (accesses_memory(translated.block, i)) {
      auto observe = [&](qemu_plugin_mem_rw kind, size_t word) {
        qemu_plugin_register_vcpu_mem_cb(instruction, on_access, QEMU_PLUGIN_CB_NO_REGS, kind, number(word));
      };
      observe(QEMU_PLUGIN_MEM_R, i << 1);
      observe(QEMU_PLUGIN_MEM_W, i << 1 | 1);
    }
    Special special = special_of(instructions[i].bytes, instructions[i].size);
    if (special == Special::kCpuid)
      qemu_plugin_register_vcpu_insn_exec_cb(instruction, before_cpuid, QEMU_PLUGIN_CB_NO_REGS, nullptr);
    due = special == Special::kDivide  ? on_divided
          : special == Special::kCpuid ? after_cpuid
          : special == Special::kClock ? on_clock_read
                                       : nullptr;
    translated.repeat = special == Special::kRepeat ? instructions[i].address : 0;
  }
  translated.tail = due;
  translated.tail_data = number(n - 1);
  qemu_plugin_register_vcpu_tb_exec_cb(tb, running ? on_block : skylake_enter, QEMU_PLUGIN_CB_NO_REGS, &translated);
}

// Whether the aligned word at an address can be read: a system call that reads it before it finds its own arguments wrong
// says so without a fault, and containments let it pass.
bool is_readable(uint64_t address) {
  constexpr int kNoSuchChange = -1;
  return syscall(SYS_rt_sigprocmask, kNoSuchChange, guest::at(address & ~uint64_t{7}), nullptr, 8) == 0 || errno != EFAULT;
}

// A page that was found readable; what is mapped changes in system calls only.
constexpr uint64_t kPage = 4096;
uint64_t readable_page;

bool is_in_readable_page(uint64_t address) {
  if (address / kPage == readable_page) return true;
  if (!is_readable(address)) return false;
  readable_page = address / kPage;
  return true;
}

size_t read_code(uint64_t address, uint8_t* buffer, size_t size) {
  if (!guest::contains(address, size) || !is_in_readable_page(address)) return 0;
  if (server::forked()) warm::note_step(address);
  if (!is_in_readable_page(address + size - 1)) size = kPage - address % kPage;
  memcpy(buffer, guest::at(address), size);
  return size;
}

uint64_t read_data(uint64_t address, uint32_t bytes) {
  uint64_t value = 0;
  if (guest::contains(address, bytes)) memcpy(&value, guest::at(address), bytes);
  return value;
}

uint64_t number(std::string_view option, std::string_view name) {
  if (option.substr(0, name.size()) != name) return 0;
  return strtoull(option.data() + name.size(), nullptr, 0);
}

}  // namespace

void look_at_next_block() { attention = 0; }
void pages_may_change() { readable_page = 0; }

}  // namespace skylake

extern "C" {

__attribute__((visibility("default"))) int qemu_plugin_version = SKYLAKE_PLUGIN_API;

// Options: reserved=BYTES (the guest's address space), cycles=N, memory=BYTES, output=BYTES,
// alone=1 (fork at the first system call: a start-up for each input), memo=0 (the model remembers nothing).
__attribute__((visibility("default"))) int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t*, int argc,
                                                               char** argv) {
  using namespace skylake;
  uint64_t cycles = 0, memory = 0, output = 0, alone = 0;
  const char* model_options = "";
  for (int i = 0; i < argc; i++) {
    std::string_view option = argv[i];
    reserved |= number(option, "reserved=");
    cycles |= number(option, "cycles=");
    memory |= number(option, "memory=");
    output |= number(option, "output=");
    alone |= number(option, "alone=");
    if (option == "memo=0") model_options = "memo=0";
  }
  warm::start();
  server::start({cycles, memory, output, alone != 0});
  skylake::start(model_options);
  look_with({read_code, read_data});
  syscalls::register_callbacks(id);
  qemu_plugin_register_vcpu_tb_trans_cb(id, on_translate);
  return 0;
}

}  // extern "C"
