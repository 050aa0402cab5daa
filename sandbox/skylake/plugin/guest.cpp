#include "guest.h"

#include <elf.h>

#include <cstring>
#include <utility>
#include <vector>

#include "../model/model.h"
#include "report.h"
#include "warm.h"

namespace skylake::guest {
namespace {

uint8_t* base;
uint64_t size;
uint64_t* registers;

// QEMU keeps the vendor's 12 bytes, 4 bytes of version, then one 64-bit word for each group of CPUID features.
constexpr const char* kVendors[] = {"M5 Simulator", "AuthenticAMD"};  // the second for C libraries that refuse the first
const uint8_t* vendor;
enum Word { k1Edx, k1Ecx, k7Ebx, k7Ecx, k7Edx, k71Eax, k80000001Edx, k80000001Ecx, kWords };
constexpr uint64_t kGem5[kWords] = {0xe7dbfbff, 0x209, 0x1800000, 0, 0, 0, 0xe3d3fbff, 1};
uint64_t* features;
uint64_t real[kWords];

void find_features(uint8_t* env) {
  constexpr size_t kSearched = 1 << 16;
  for (const char* name : kVendors)
    if (!vendor) vendor = static_cast<const uint8_t*>(memmem(env, kSearched, name, 12));
  if (!vendor) fail("this QEMU keeps its CPUID elsewhere; use Debian's qemu-user 7.2");
  auto start = (reinterpret_cast<uintptr_t>(vendor) + 16 + 7) & ~uintptr_t{7};
  features = reinterpret_cast<uint64_t*>(start);
  memcpy(real, features, sizeof real);
  constexpr uint64_t kAlways = 1 | 1 << 4 | 1 << 8 | 1 << 15 | 1 << 23;  // fpu, tsc, cx8, cmov, mmx
  if ((real[k1Edx] & kAlways) != kAlways) fail("this QEMU keeps its CPUID elsewhere; use Debian's qemu-user 7.2");
}

uint64_t auxiliary(const uint64_t* vector, uint64_t type) {
  for (; vector[0] != AT_NULL; vector += 2)
    if (vector[0] == type) return vector[1];
  return 0;
}

// Tells the model what is in memory before the first instruction: the segments of one program.
void preload_segments(uint64_t bias, const Elf64_Phdr* header, uint64_t n) {
  for (; n; n--, header++)
    if (header->p_type == PT_LOAD) {
      preload(bias + header->p_vaddr, header->p_memsz);
      if (header->p_flags & PF_X) warm::code_mapped(bias + header->p_vaddr, header->p_filesz);
    }
}

void preload_all(const uint64_t* vector) {
  auto* own = at<Elf64_Phdr>(auxiliary(vector, AT_PHDR));
  uint64_t n = auxiliary(vector, AT_PHNUM), bias = 0;
  for (uint64_t i = 0; i < n; i++)
    if (own[i].p_type == PT_PHDR) bias = auxiliary(vector, AT_PHDR) - own[i].p_vaddr;
  preload_segments(bias, own, n);
  if (uint64_t loader = auxiliary(vector, AT_BASE)) {
    auto* header = at<Elf64_Ehdr>(loader);
    preload_segments(loader, at<Elf64_Phdr>(loader + header->e_phoff), header->e_phnum);
  }
}

}  // namespace

void attach(void* env, uint64_t memory_base, uint64_t memory_size) {
  base = reinterpret_cast<uint8_t*>(memory_base);
  size = memory_size;
  registers = static_cast<uint64_t*>(env);
  find_features(static_cast<uint8_t*>(env));
  if (!contains(reg(RSP), 4096)) fail("this QEMU keeps its registers elsewhere; use Debian's qemu-user 7.2");
}

uint64_t memory_size() { return size; }

bool contains_host(const void* address) {
  auto* a = static_cast<const uint8_t*>(address);
  return a >= base && a < base + size;
}

uint64_t& reg(Register name) { return registers[name]; }

void save(State& state) { memcpy(state.bytes, registers, sizeof state.bytes); }
void restore(const State& state) { memcpy(registers, state.bytes, sizeof state.bytes); }
void go_on_at(uint64_t address) { registers[16] = address; }
void repeat_call() { registers[16] -= 2; }

uint8_t* host(uint64_t address) { return base + address; }

bool contains(uint64_t address, uint64_t n) { return address >= 4096 && address < size && n <= size - address; }

std::string text(uint64_t address) {
  constexpr size_t kLongest = 4096;
  if (!contains(address, kLongest)) return {};
  auto* start = at<char>(address);
  return {start, strnlen(start, kLongest)};
}

void build_first_frame() {
  // gem5's layout (v20.1, src/arch/x86/process.cc), downwards from the stack's base: a null word, the file's name, the
  // arguments, padding, 16 "random" bytes overwritten by the platform's name, the auxiliary vector, no environment, the
  // arguments' pointers, their count.
  const char name[] = "./prog";
  uint64_t old = reg(RSP);
  const uint64_t* old_frame = at<uint64_t>(old);
  const uint64_t* words = old_frame + 1 + old_frame[0] + 1;
  while (*words) words++;
  const uint64_t* vector = words + 1;

  // QEMU's own frame lies in the last pages of the stack; ours goes below, the page above it holds what gem5 has at the
  // address of the virtual system calls: not an ELF header, but the loader takes it for one.
  constexpr uint64_t kPage = 4096;
  uint64_t stack_base = (old & ~(kPage - 1)) - 16 * kPage;
  uint64_t gate = stack_base;
  memset(at(gate), 0, kPage);
  const uint8_t call[] = {0x48, 0xc7, 0xc0, 0x60, 0, 0, 0, 0x0f, 0x05, 0xc3};
  const uint8_t call_time[] = {0x48, 0xc7, 0xc0, 0xc9, 0, 0, 0, 0x0f, 0x05, 0xc3};
  memcpy(at(gate), call, sizeof call);
  memcpy(at(gate + 0x400), call_time, sizeof call_time);

  std::vector<std::pair<uint64_t, uint64_t>> auxv = {
      {AT_SYSINFO_EHDR, gate},
      {AT_HWCAP, 0x078bfbff & ~uint64_t{1 << 10}},
      {AT_PAGESZ, kPage},
      {AT_CLKTCK, 100},
      {AT_PHDR, auxiliary(vector, AT_PHDR)},
      {AT_PHENT, auxiliary(vector, AT_PHENT)},
      {AT_PHNUM, auxiliary(vector, AT_PHNUM)},
      {AT_BASE, auxiliary(vector, AT_BASE)},
      {AT_FLAGS, 0},
      {AT_ENTRY, auxiliary(vector, AT_ENTRY)},
      {AT_UID, 100},
      {AT_EUID, 100},
      {AT_GID, 100},
      {AT_EGID, 100},
      {AT_SECURE, 0},
      {AT_RANDOM, 0},
      {AT_EXECFN, 0},
      {AT_PLATFORM, 0},
  };
  constexpr uint64_t kAuxiliaryData = 16 + sizeof "x86_64";
  auto round_up = [](uint64_t n) { return (n + 15) & ~uint64_t{15}; };
  uint64_t info = 8 + 2 * sizeof name;
  uint64_t padding = round_up(info) - info;
  uint64_t frame = 16 * (auxv.size() + 1) + 8 + 16 + 8;
  uint64_t data_padding = round_up(frame + kAuxiliaryData) - frame - kAuxiliaryData;

  uint64_t file_name = stack_base - 8 - sizeof name;
  uint64_t argument = file_name - sizeof name;
  uint64_t data = argument - padding - kAuxiliaryData;
  uint64_t array = data - data_padding - 16 * (auxv.size() + 1);
  uint64_t environment = array - 8;
  uint64_t arguments = environment - 16;
  uint64_t count = arguments - 8;
  auxv[auxv.size() - 3].second = data;
  auxv[auxv.size() - 2].second = arguments;  // gem5 points it at the pointers, not at the name
  auxv[auxv.size() - 1].second = data + 16;

  memset(at(count - kPage), 0, stack_base - count + kPage);
  memcpy(at(file_name), name, sizeof name);
  memcpy(at(argument), name, sizeof name);
  memcpy(at(data), "x86_64", sizeof "x86_64");
  uint64_t* out = at<uint64_t>(array);
  for (auto [type, value] : auxv) {
    *out++ = type;
    *out++ = value;
  }
  *at<uint64_t>(arguments) = argument;
  *at<uint64_t>(count) = 1;
  reg(RSP) = count;
  preload_all(vector);
  preload(count, stack_base + kPage - count);
}

void hide_features() { memcpy(features, kGem5, sizeof kGem5); }

void show_features() {
  memcpy(features, real, sizeof real);
  // QEMU runs with a highest leaf of 13, for which it answers zeros without XSAVE, as gem5 does; gem5's highest is 7
  if (registers[RAX] == 13 && memcmp(&registers[RBX], vendor, 4) == 0) registers[RAX] = 7;
}

}  // namespace skylake::guest
