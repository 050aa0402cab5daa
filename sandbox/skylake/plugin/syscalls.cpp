#include "syscalls.h"

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "../model/model.h"
#include "guest.h"
#include "report.h"
#include "server.h"
#include "warm.h"

namespace skylake::syscalls {
namespace {

struct Call {
  int64_t number;
  uint64_t a[6];
};

Call call;
bool pending;
int64_t answer;

std::set<int> open_files;                              // opened by the program and not closed, before the fork
std::map<int, bool> random_files;                      // descriptors of /dev/random and /dev/urandom
std::map<std::pair<dev_t, ino_t>, uint64_t> identity;  // a file's numbers, in the order of their first sight
uint64_t slept;                                        // nanoseconds by which sleeping has moved the clock
uint64_t random_state = 0x9e3779b97f4a7c15;
uint64_t break_end;
std::set<int> handled;  // signals whose action isn't the default one

constexpr int64_t kPid = 100, kUser = 100;  // gem5's
constexpr int64_t kEpoch = 1'000'000'000;   // gem5's clock starts here, in seconds
constexpr uint64_t kPsPerCycle = 286;
constexpr uint64_t kStackBytes = 8 << 20;

uint64_t clock_ns() { return counters().cycles * kPsPerCycle / 1000 + slept; }

bool starts_with(const std::string& path, const char* prefix) { return path.rfind(prefix, 0) == 0; }

// A path that could lead to standard input or tell of the host.
bool is_special(const std::string& path) {
  return path.empty() || path.find("dev") != std::string::npos || path.find("proc") != std::string::npos ||
         path.find("sys") != std::string::npos;
}

// Whether a call, before the fork, neither looks at descriptor 0 nor leaves anything behind that children would share.
// Everything that isn't known to be harmless forks first, which is always right.
bool may_precede_fork(const Call& c) {
  auto fd_is_file = [&](uint64_t fd) { return open_files.count(static_cast<int>(fd)) != 0; };
  switch (c.number) {
    case SYS_brk:
    case SYS_munmap:
    case SYS_mprotect:
    case SYS_arch_prctl:
    case SYS_set_tid_address:
    case SYS_set_robust_list:
    case SYS_rseq:
    case SYS_getrlimit:
    case SYS_uname:
    case SYS_getrandom:
    case SYS_clock_gettime:
    case SYS_clock_getres:
    case SYS_gettimeofday:
    case SYS_time:
    case SYS_times:
    case SYS_getpid:
    case SYS_gettid:
    case SYS_getppid:
    case SYS_getuid:
    case SYS_geteuid:
    case SYS_getgid:
    case SYS_getegid:
    case SYS_rt_sigaction:
    case SYS_rt_sigprocmask:
    case SYS_sigaltstack:
    case SYS_getcwd:
      return true;
    case SYS_prlimit64:
      return c.a[2] == 0;
    case SYS_mmap:
      return (c.a[3] & MAP_PRIVATE) && ((c.a[3] & MAP_ANONYMOUS) || fd_is_file(c.a[4]));
    case SYS_open:
      return (c.a[1] & (O_ACCMODE | O_CREAT)) == O_RDONLY && !is_special(guest::text(c.a[0]));
    case SYS_openat:
      return (c.a[2] & (O_ACCMODE | O_CREAT)) == O_RDONLY && !is_special(guest::text(c.a[1]));
    case SYS_stat:
    case SYS_lstat:
    case SYS_access:
      return !is_special(guest::text(c.a[0]));
    case SYS_newfstatat:
      return static_cast<int>(c.a[0]) == AT_FDCWD ? !is_special(guest::text(c.a[1])) : fd_is_file(c.a[0]);
    case SYS_read:
    case SYS_pread64:
    case SYS_fstat:
    case SYS_lseek:
    case SYS_close:
      return fd_is_file(c.a[0]) || (c.number == SYS_fstat && c.a[0] == 1);
    case SYS_ioctl:
      return c.a[0] == 1;
    case SYS_write:
      return c.a[0] == 1 && server::prefix_has_room(c.a[2]);
    default:
      return false;
  }
}

// The usual first looks at the input, which change nothing but the memory that they answer into.
bool is_first_look(const Call& c) {
  return c.a[0] == 0 && (c.number == SYS_read || c.number == SYS_fstat || c.number == SYS_lseek);
}

void reply(int64_t value) {
  answer = value;
  pending = true;
  look_at_next_block();
}

template <typename T>
void store(uint64_t address, const T& value) {
  if (guest::contains(address, sizeof value)) memcpy(guest::at(address), &value, sizeof value);
}

void fill_random(uint64_t address, uint64_t size) {
  if (!guest::contains(address, size)) return;
  for (uint64_t i = 0; i < size; i++) {
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    *guest::at(address + i) = static_cast<uint8_t>(random_state >> 24);
  }
}

// A file's status as gem5 gives it: output is a terminal's device, blocks have 8 KiB; nothing tells of this machine.
void fix_status(uint64_t address, int fd) {
  if (!guest::contains(address, sizeof(struct stat))) return;
  struct stat s;
  memcpy(&s, guest::at(address), sizeof s);
  auto [entry, is_new] = identity.try_emplace({s.st_dev, s.st_ino}, identity.size() + 1);
  (void)is_new;
  s.st_dev = 1;
  s.st_ino = entry->second;
  s.st_nlink = 1;
  s.st_uid = s.st_gid = S_ISREG(s.st_mode) && fd != 0 ? 0 : kUser;
  s.st_blksize = 8192;
  s.st_blocks = (s.st_size + 511) / 512;
  s.st_atim = s.st_mtim = s.st_ctim = {kEpoch, 0};
  if (fd == 1) {
    s.st_dev = 10;
    s.st_ino = 1;
    s.st_mode = S_IFCHR | 0600;
    s.st_rdev = 0x880d;
    s.st_size = s.st_blocks = 0;
  }
  memcpy(guest::at(address), &s, sizeof s);
}

struct Limit {
  uint64_t soft, hard;
};

Limit limit_of(uint64_t resource) {
  constexpr uint64_t kInfinite = ~uint64_t{0};
  if (resource == 3) return {kStackBytes, kInfinite};  // RLIMIT_STACK
  if (resource == 7) return {1024, 1024};              // RLIMIT_NOFILE
  return {kInfinite, kInfinite};
}

// Raises a signal that the program sends to itself under the process number that it sees.
int64_t send(uint64_t target, uint64_t signal) {
  if (static_cast<int64_t>(target) != kPid && target != 0) return -ESRCH;
  if (signal == 0) return 0;
  if (signal > 64) return -EINVAL;
  constexpr uint64_t kHarmless = 1 << SIGCHLD | 1 << SIGURG | 1 << SIGWINCH | 1 << SIGCONT;
  if (!handles(static_cast<int>(signal)) && !(kHarmless >> signal & 1))
    finish(Ending::kSignalled, static_cast<int>(signal));
  kill(getpid(), static_cast<int>(signal));
  return 0;
}

// Whether a call would change memory that isn't the guest's: QEMU passes such addresses on.
bool reaches_out(const Call& c) {
  auto outside = [](uint64_t address, uint64_t size) {
    return address >= guest::memory_size() || size > guest::memory_size() - address;
  };
  switch (c.number) {
    case SYS_mmap:
      return c.a[0] >= guest::memory_size() || ((c.a[3] & (MAP_FIXED | MAP_FIXED_NOREPLACE)) && outside(c.a[0], c.a[1]));
    case SYS_munmap:
    case SYS_mprotect:
    case SYS_madvise:
    case SYS_msync:
      return outside(c.a[0], c.a[1]);
    case SYS_mremap:
      return outside(c.a[0], std::max(c.a[1], uint64_t{1})) || ((c.a[3] & MREMAP_FIXED) && outside(c.a[4], c.a[2]));
    case SYS_futex:
      return outside(c.a[0], 4) || ((c.a[1] & 0x7f) > 1 && (c.a[1] & 0x7f) != 9 && (c.a[1] & 0x7f) != 10);
    default:
      return false;
  }
}

bool signals_others(const Call& c) {
  bool tg = c.number == SYS_tgkill;
  if (c.number != SYS_kill && c.number != SYS_tkill && !tg) return false;
  auto target = static_cast<int>(c.a[0]);
  return (target != kPid && target != 0) && c.a[tg ? 2 : 1] != 0;
}

// Bytes of private writable memory that a call asks for.
uint64_t wanted_memory(const Call& c) {
  switch (c.number) {
    case SYS_brk:
      return break_end && c.a[0] > break_end ? c.a[0] - break_end : 0;
    case SYS_mmap:
      return (c.a[3] & MAP_PRIVATE) && (c.a[2] & PROT_WRITE) ? c.a[1] : 0;
    case SYS_mprotect:
      return c.a[2] & PROT_WRITE ? c.a[1] : 0;
    case SYS_mremap:
      return c.a[2] > c.a[1] ? c.a[2] - c.a[1] : 0;
    default:
      return 0;
  }
}

void on_call(qemu_plugin_id_t, unsigned, int64_t number, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4, uint64_t a5,
             uint64_t a6, uint64_t, uint64_t) {
  if (warm::active()) warm::arrive();
  pages_may_change();
  call = {number, {a1, a2, a3, a4, a5, a6}};
  if (!server::forked() && (server::alone() || !may_precede_fork(call))) {
    // what is open is shared with its offset: each test then needs a start-up of its own
    server::serve({open_files.empty() && !server::alone(), false, is_first_look(call)});
    if (warm::active()) return;
  }
  if (reaches_out(call) || signals_others(call)) finish(Ending::kEscape, SIGSEGV);
  if (!server::memory_has_room(wanted_memory(call))) finish(Ending::kMemoryLimit, 0);
  switch (number) {
    case SYS_exit:
    case SYS_exit_group:
      finish(Ending::kExited, static_cast<int>(a1 & 0xff));
    case SYS_close:
      open_files.erase(static_cast<int>(a1));
      random_files.erase(static_cast<int>(a1));
      break;
    default:
      break;
  }
}

void opened(const std::string& path, int64_t result) {
  bool is_input = path == "/dev/stdin" || path == "/proc/self/fd/0" || path == "/dev/fd/0";
  if (is_input) {
    if (result >= 0) close(static_cast<int>(result));
    int other = server::take_second_input();
    int fd = other < 0 ? -1 : fcntl(other, F_DUPFD, 3);
    if (other >= 0) close(other);
    reply(fd >= 0 ? fd : -ENOENT);
    return;
  }
  if (result < 0) return;
  char real[PATH_MAX];
  bool known = realpath(path.c_str(), real) != nullptr;
  bool random = known && (!strcmp(real, "/dev/urandom") || !strcmp(real, "/dev/random"));
  bool plain = known && (!strcmp(real, "/dev/null") || !strcmp(real, "/dev/zero"));
  bool host = !known || starts_with(real, "/proc") || starts_with(real, "/sys") || starts_with(real, "/dev");
  if (starts_with(path, "/proc") || (host && !random && !plain)) {
    close(static_cast<int>(result));
    reply(-ENOENT);
    return;
  }
  if (random) random_files[static_cast<int>(result)] = true;
  if (!server::forked()) open_files.insert(static_cast<int>(result));
}

void on_result(qemu_plugin_id_t, unsigned, int64_t number, int64_t result) {
  const uint64_t* a = call.a;
  if (number != call.number || warm::active()) return;
  constexpr int64_t kNs = 1'000'000'000;
  int64_t now = static_cast<int64_t>(clock_ns());
  struct Pair {
    int64_t first, second;
  };
  switch (number) {
    case SYS_open:
      opened(guest::text(a[0]), result);
      break;
    case SYS_openat:
      opened(guest::text(a[1]), result);
      break;
    case SYS_read:
    case SYS_pread64:
      if (result > 0 && random_files.count(static_cast<int>(a[0]))) fill_random(a[1], static_cast<uint64_t>(result));
      break;
    case SYS_access:
      // gem5 answers every access with yes; it matters to the loader only
      if (guest::text(a[0]) == "/etc/ld.so.preload") reply(0);
      break;
    case SYS_fstat:
      if (result == 0) fix_status(a[1], static_cast<int>(a[0]));
      break;
    case SYS_stat:
    case SYS_lstat:
      if (result == 0) fix_status(a[1], -1);
      break;
    case SYS_newfstatat:
      if (result == 0) fix_status(a[2], guest::text(a[1]).empty() ? static_cast<int>(a[0]) : -1);
      break;
    case SYS_statx:
    case SYS_statfs:
    case SYS_fstatfs:
    case SYS_getdents64:
    case SYS_getdents:
    case SYS_getrusage:
    case SYS_sysinfo:
      reply(-ENOSYS);
      break;
    case SYS_ioctl:
      reply(-ENOTTY);
      break;
    case SYS_lseek:
      if (a[0] == 1 || a[0] == 2) reply(-ESPIPE);
      break;
    case SYS_uname: {
      char names[6][65] = {"Linux", "sim.gem5.org", "5.1.0", "#1 Mon Aug 18 11:32:15 EDT 2003", "x86_64", ""};
      store(a[0], names);
      reply(0);
      break;
    }
    case SYS_readlink:
    case SYS_readlinkat: {
      bool at = number == SYS_readlinkat;
      std::string path = guest::text(a[at ? 1 : 0]);
      constexpr char kProgram[] = "/work/prog";
      if (path == "/proc/self/exe") {
        uint64_t buffer = a[at ? 2 : 1], n = std::min<uint64_t>(sizeof kProgram - 1, a[at ? 3 : 2]);
        if (guest::contains(buffer, n)) memcpy(guest::at(buffer), kProgram, n);
        reply(static_cast<int64_t>(n));
      } else if (is_special(path)) {
        reply(-ENOENT);
      }
      break;
    }
    case SYS_getpid:
    case SYS_gettid:
    case SYS_set_tid_address:
    case SYS_getpgrp:
      reply(kPid);
      break;
    case SYS_getppid:
      reply(0);
      break;
    case SYS_getuid:
    case SYS_geteuid:
    case SYS_getgid:
    case SYS_getegid:
      reply(kUser);
      break;
    case SYS_getrandom:
      fill_random(a[0], a[1]);
      reply(static_cast<int64_t>(a[1]));
      break;
    case SYS_time:
      if (a[0]) store(a[0], kEpoch + now / kNs);
      reply(kEpoch + now / kNs);
      break;
    case SYS_gettimeofday:
      store(a[0], Pair{kEpoch + now / kNs, now % kNs / 1000});
      reply(0);
      break;
    case SYS_clock_gettime: {
      // processor time and the monotonic clocks start with the program
      bool wall = a[0] == 0 || a[0] == 5;
      store(a[1], Pair{(wall ? kEpoch : 0) + now / kNs, now % kNs});
      reply(0);
      break;
    }
    case SYS_clock_getres:
      if (a[1]) store(a[1], Pair{0, 1});
      reply(0);
      break;
    case SYS_times: {
      int64_t ticks[4] = {now / (kNs / 100), 0, 0, 0};
      if (a[0]) store(a[0], ticks);
      reply(now / (kNs / 100));
      break;
    }
    case SYS_nanosleep:
    case SYS_clock_nanosleep: {
      uint64_t wanted = a[number == SYS_nanosleep ? 0 : 2];
      if (guest::contains(wanted, 16)) {
        auto* time = guest::at<int64_t>(wanted);
        if (time[0] >= 0 && time[1] >= 0 && time[1] < kNs)
          slept += static_cast<uint64_t>(std::min<int64_t>(time[0], 1 << 20) * kNs + time[1]);
      }
      reply(0);
      break;
    }
    case SYS_sched_getaffinity:
      if (a[1] >= 8) store(a[2], uint64_t{1});
      reply(a[1] >= 8 ? 8 : -EINVAL);
      break;
    case SYS_getcpu:
      if (a[0]) store(a[0], uint32_t{0});
      if (a[1]) store(a[1], uint32_t{0});
      reply(0);
      break;
    case SYS_getrlimit:
      store(a[1], limit_of(a[0]));
      reply(0);
      break;
    case SYS_prlimit64:
      if (a[3]) store(a[3], limit_of(a[1]));
      reply(0);
      break;
    case SYS_setrlimit:
      reply(0);
      break;
    case SYS_clone:
    case SYS_clone3:
    case SYS_fork:
    case SYS_vfork:
      reply(-EAGAIN);
      break;
    case SYS_kill:
      reply(send(a[0], a[1]));
      break;
    case SYS_tkill:
      reply(send(a[0], a[1]));
      break;
    case SYS_tgkill:
      reply(send(a[1], a[2]));
      break;
    case SYS_rt_sigaction:
      if (result == 0 && guest::contains(a[1], 8)) {
        if (*guest::at<uint64_t>(a[1]) != 0)
          handled.insert(static_cast<int>(a[0]));
        else
          handled.erase(static_cast<int>(a[0]));
      }
      break;
    case SYS_brk:
      if (!break_end) break_end = static_cast<uint64_t>(result);
      if (static_cast<uint64_t>(result) > break_end) map(break_end, static_cast<uint64_t>(result) - break_end);
      if (static_cast<uint64_t>(result) < break_end) unmap(static_cast<uint64_t>(result), break_end - static_cast<uint64_t>(result));
      break_end = static_cast<uint64_t>(result);
      break;
    case SYS_mmap:
      if (result == -ENOMEM) finish(Ending::kMemoryLimit, 0);
      if (result > 0) map(static_cast<uint64_t>(result), a[1]);
      if (result > 0 && !server::forked()) {
        warm::code_unmapped(static_cast<uint64_t>(result), a[1]);
        if (a[2] & PROT_EXEC) warm::code_mapped(static_cast<uint64_t>(result), a[1]);
      }
      break;
    case SYS_munmap:
      if (result == 0) unmap(a[0], a[1]);
      if (!server::forked()) warm::code_unmapped(a[0], a[1]);
      break;
    case SYS_mremap:
      if (result == -ENOMEM) finish(Ending::kMemoryLimit, 0);
      if (result > 0) {
        unmap(a[0], a[1]);
        map(static_cast<uint64_t>(result), a[2]);
      }
      break;
    default:
      break;
  }
}

// Host calls that a child may make: what QEMU needs to run a single-threaded program that reads and computes. All others
// fail; so does opening for writing.
constexpr int kAllowed[] = {
    SYS_read,          SYS_write,        SYS_close,         SYS_stat,      SYS_fstat,        SYS_lstat,
    SYS_poll,          SYS_ppoll,        SYS_lseek,         SYS_mmap,      SYS_mprotect,     SYS_munmap,
    SYS_brk,           SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_readv,    SYS_writev,
    SYS_pread64,       SYS_preadv,       SYS_access,        SYS_faccessat, SYS_faccessat2,   SYS_select,
    SYS_pselect6,      SYS_sched_yield,  SYS_mremap,        SYS_madvise,   SYS_dup,          SYS_dup2,
    SYS_dup3,          SYS_getpid,       SYS_gettid,        SYS_exit,      SYS_exit_group,   SYS_uname,
    SYS_fcntl,         SYS_getcwd,       SYS_readlink,      SYS_readlinkat, SYS_gettimeofday, SYS_clock_gettime,
    SYS_futex,         SYS_newfstatat,   SYS_getrandom,     SYS_rt_sigpending, SYS_rt_sigtimedwait, SYS_sigaltstack,
    SYS_rt_sigsuspend, SYS_prctl,        SYS_msync,         SYS_ioctl,     SYS_restart_syscall, SYS_getrlimit,  SYS_prlimit64};

template <size_t N>
void append(std::vector<sock_filter>& filter, const sock_filter (&part)[N]) {
  filter.insert(filter.end(), part, part + N);
}

}  // namespace

void confine() {
  constexpr uint32_t kNumber = offsetof(seccomp_data, nr);
  constexpr auto argument = [](int i) { return static_cast<uint32_t>(offsetof(seccomp_data, args) + 8 * i); };
  const uint32_t allow = SECCOMP_RET_ALLOW, deny = SECCOMP_RET_ERRNO | EPERM, read_only = SECCOMP_RET_ERRNO | EROFS;
  const auto self = static_cast<uint32_t>(getpid());
  std::vector<sock_filter> filter;
  append(filter, {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch)),
                  BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
                  BPF_STMT(BPF_LD | BPF_W | BPF_ABS, kNumber)});
  for (int number : kAllowed)
    append(filter, {BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<uint32_t>(number), 0, 1), BPF_STMT(BPF_RET | BPF_K, allow)});
  // signals to itself: abort, raise
  for (int number : {SYS_kill, SYS_tgkill})
    append(filter, {BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<uint32_t>(number), 0, 4),
                    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, argument(0)), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, self, 0, 1),
                    BPF_STMT(BPF_RET | BPF_K, allow), BPF_STMT(BPF_RET | BPF_K, deny)});
  for (auto [number, flags] : {std::pair{SYS_open, 1}, std::pair{SYS_openat, 2}})
    append(filter,
           {BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<uint32_t>(number), 0, 4),
            BPF_STMT(BPF_LD | BPF_W | BPF_ABS, argument(flags)),
            BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, O_WRONLY | O_RDWR | O_CREAT | O_TRUNC | O_APPEND, 0, 1),
            BPF_STMT(BPF_RET | BPF_K, read_only), BPF_STMT(BPF_RET | BPF_K, allow)});
  append(filter, {BPF_STMT(BPF_RET | BPF_K, deny)});
  sock_fprog program{static_cast<unsigned short>(filter.size()), filter.data()};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
    fail("can't filter system calls");
}

bool handles(int signal) { return handled.count(signal) != 0; }

bool answer_pending() { return pending; }

void apply_answer() {
  guest::reg(guest::RAX) = static_cast<uint64_t>(answer);
  pending = false;
}

void register_callbacks(qemu_plugin_id_t id) {
  qemu_plugin_register_vcpu_syscall_cb(id, on_call);
  qemu_plugin_register_vcpu_syscall_ret_cb(id, on_result);
}

}  // namespace skylake::syscalls
