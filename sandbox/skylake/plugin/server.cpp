#include "server.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>

#include "../model/model.h"
#include "report.h"
#include "syscalls.h"
#include "warm.h"

namespace skylake {

Report* report;

void finish(Ending ending, int code) {
  if (!server::forked()) server::serve({true, true, false});
  Counters counted = counters();
  report->ending = ending;
  report->code = code;
  report->instructions = counted.instructions;
  report->cycles = counted.cycles;
  describe(report->counters, sizeof report->counters);
  _exit(0);
}

void fail(const char* message) {
  dprintf(2, "skylake: %s\n", message);
  _exit(70);
}

namespace server {
namespace {

// Descriptors that the engine's channel is moved to, and those of the input; out of the way of the program's own.
constexpr int kRequests = 250, kReplies = 251, kSecondInput = 252;
constexpr uint64_t kPrefixBytes = 32 << 10;  // a pipe holds 64 KiB; what is written before the fork must fit
constexpr size_t kErrorBytes = 16 << 10;
constexpr rlim_t kOwnBytes = 512 << 20;  // what QEMU and the model may need beside the program's memory
constexpr int kPollMs = 500;
constexpr uint64_t kIdleNs = 10'000'000'000;   // a child that doesn't use the processor for so long is blocked,
constexpr uint64_t kStuckNs = 60'000'000'000;  // and so is one that uses it for so long without an instruction

Settings settings;
int prefix_pipe = -1;
std::string prefix;  // what the program wrote before the fork
uint64_t prefix_written;
bool in_child;
int second_input = -1;
uint64_t own_data;    // bytes of private writable memory before the program runs
uint64_t asked_for;  // by the program, since its start

// One reply: this header, then the output, then the error output, then the counters as text.
struct Reply {
  uint32_t ending;     // Ending, or one of the two below
  int32_t code;        // exit status or signal
  uint32_t shareable;  // 0: a further test needs a process of its own
  uint32_t counters;   // bytes
  uint64_t instructions;
  uint64_t cycles;
  uint64_t output;  // bytes
  uint64_t error;   // bytes
};
constexpr uint32_t kBlocked = 100, kOutputLimit = 101;

bool read_all(int fd, void* buffer, size_t size) {
  auto* to = static_cast<char*>(buffer);
  while (size) {
    ssize_t n = read(fd, to, size);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    to += n;
    size -= static_cast<size_t>(n);
  }
  return true;
}

void write_all(int fd, const void* buffer, size_t size) {
  auto* from = static_cast<const char*>(buffer);
  while (size) {
    ssize_t n = write(fd, from, size);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) _exit(0);  // the engine is gone
    from += n;
    size -= static_cast<size_t>(n);
  }
}

void move(int from, int to) {
  if (from == to) return;
  if (dup2(from, to) < 0) fail("can't move a descriptor");
  close(from);
}

struct Input {
  int first, second;
};

// The input as an unnamed regular file with two independent read-only descriptors.
Input receive_input(uint64_t size) {
  char name[] = "/tmp/input.XXXXXX";
  int file = mkstemp(name);
  if (file < 0) fail("can't write to /tmp");
  Input input{open(name, O_RDONLY), open(name, O_RDONLY)};
  fchmod(file, 0644);
  unlink(name);
  char buffer[1 << 16];
  while (size) {
    size_t part = std::min<uint64_t>(size, sizeof buffer);
    if (!read_all(kRequests, buffer, part)) _exit(0);
    write_all(file, buffer, part);
    size -= part;
  }
  close(file);
  return input;
}

void become_child(const Input& input, int out, int err) {
  in_child = true;
  move(input.first, 0);
  move(input.second, kSecondInput);
  second_input = kSecondInput;
  move(out, 1);
  move(err, 2);
  close(kRequests);
  close(kReplies);
  close(prefix_pipe);
  syscalls::confine();
}

uint64_t now_ns(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<uint64_t>(time.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(time.tv_nsec);
}

// Notices a child that gets nowhere: neither by the processor's time nor by simulated time.
class Progress {
 public:
  explicit Progress(pid_t child) { known_ = clock_getcpuclockid(child, &clock_) == 0; }

  bool stopped() {
    uint64_t wall = now_ns(CLOCK_MONOTONIC), used = known_ ? now_ns(clock_) : 0;
    if (used != used_) wall_ = wall;
    if (report->cycles != cycles_) used_at_cycles_ = used;
    used_ = used;
    cycles_ = report->cycles;
    return wall - wall_ > kIdleNs || used - used_at_cycles_ > kStuckNs;
  }

 private:
  clockid_t clock_{};
  bool known_;
  uint64_t wall_ = now_ns(CLOCK_MONOTONIC), used_ = 0, cycles_ = 0, used_at_cycles_ = 0;
};

uint64_t private_data() {
  FILE* statm = fopen("/proc/self/statm", "r");
  unsigned long pages = 0;
  if (!statm || fscanf(statm, "%*u %*u %*u %*u %*u %lu", &pages) != 1) fail("there is no /proc");
  fclose(statm);
  return uint64_t{pages} * 4096;
}

// Reads what is there; false at the end.
bool drain(int fd, std::string& into) {
  char buffer[1 << 16];
  ssize_t n = read(fd, buffer, sizeof buffer);
  if (n < 0) return errno == EINTR || errno == EAGAIN;
  into.append(buffer, static_cast<size_t>(n));
  return n > 0;
}

// Watches a child to its end and replies.
void watch(pid_t child, int out, int err, bool shareable) {
  Reply reply{};
  std::string output = prefix, error;
  int ended = static_cast<int>(syscall(SYS_pidfd_open, child, 0));
  pollfd polled[] = {{out, POLLIN, 0}, {err, POLLIN, 0}, {ended, POLLIN, 0}};
  Progress progress(child);
  bool over = false;
  auto kill_as = [&](uint32_t ending) {
    reply.ending = ending;
    kill(child, SIGKILL);
    over = true;
  };
  while (!over) {
    int ready = poll(polled, 3, kPollMs);
    if (ready < 0) continue;
    if (ready == 0) {
      if (progress.stopped()) kill_as(kBlocked);
      continue;
    }
    if (polled[0].revents && !drain(out, output)) polled[0].fd = -1;
    if (polled[1].revents && !drain(err, error)) polled[1].fd = -1;
    if (error.size() > 2 * kErrorBytes) error.erase(0, error.size() - kErrorBytes);
    if (output.size() > settings.output) kill_as(kOutputLimit);
    // the pipes are read to their ends before the child's end counts: nobody else holds their other sides
    if (polled[2].revents && !(polled[0].revents & POLLIN) && !(polled[1].revents & POLLIN)) over = true;
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!reply.ending) {
    if (report->ending != Ending::kNone) {
      reply.ending = static_cast<uint32_t>(report->ending);
      reply.code = report->code;
    } else {
      reply.ending = static_cast<uint32_t>(WIFSIGNALED(status) ? Ending::kSignalled : Ending::kNone);
      reply.code = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
    }
  }
  close(ended);
  if (output.size() > settings.output) output.resize(settings.output);
  if (error.size() > kErrorBytes) error.erase(0, error.size() - kErrorBytes);
  reply.shareable = shareable;
  reply.instructions = report->instructions;
  reply.cycles = report->cycles;
  reply.output = output.size();
  reply.error = error.size();
  reply.counters = static_cast<uint32_t>(strnlen(report->counters, sizeof report->counters));
  write_all(kReplies, &reply, sizeof reply);
  write_all(kReplies, output.data(), output.size());
  write_all(kReplies, error.data(), error.size());
  write_all(kReplies, report->counters, reply.counters);
}

}  // namespace

bool alone() { return settings.alone; }

void start(const Settings& wanted) {
  settings = wanted;
  report = static_cast<Report*>(
      mmap(nullptr, sizeof(Report), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  int prefix[2];
  if (report == MAP_FAILED || pipe2(prefix, O_NONBLOCK) != 0) fail("can't set up");
  move(0, kRequests);
  move(1, kReplies);
  int nothing = open("/dev/null", O_RDONLY);
  if (nothing < 0) fail("there is no /dev/null");
  move(nothing, 0);
  move(prefix[1], 1);
  fcntl(1, F_SETFL, O_WRONLY);
  prefix_pipe = fcntl(prefix[0], F_DUPFD, kSecondInput + 1);
  close(prefix[0]);
}

void limit_memory() {
  own_data = private_data();
  rlimit limit{};
  getrlimit(RLIMIT_DATA, &limit);
  limit.rlim_max = std::min<rlim_t>(limit.rlim_max, own_data + settings.memory + kOwnBytes);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_DATA, &limit);
}

bool memory_has_room(uint64_t bytes) {
  if (bytes > settings.memory) return false;
  asked_for += bytes;
  // what it has given back counts only where it matters: asking the kernel is slow
  return asked_for <= settings.memory || private_data() + bytes <= own_data + settings.memory;
}

bool forked() { return in_child; }

bool prefix_has_room(uint64_t bytes) {
  if (bytes > kPrefixBytes - prefix_written) return false;
  prefix_written += bytes;
  return true;
}

int take_second_input() {
  int taken = second_input;
  second_input = -1;
  return taken;
}

uint64_t cycle_limit() { return settings.cycles; }

void serve(const Point& point) {
  before_forks();
  char part[1 << 12];
  for (ssize_t n; (n = read(prefix_pipe, part, sizeof part)) > 0;) prefix.append(part, static_cast<size_t>(n));
  uint64_t size;
  while (read_all(kRequests, &size, sizeof size)) {
    if (point.shareable && point.repeatable && warm::up()) return;
    Input input = receive_input(size);
    int out[2], err[2];
    if (pipe2(out, 0) != 0 || pipe2(err, 0) != 0) fail("can't make a pipe");
    fcntl(out[0], F_SETPIPE_SZ, 1 << 18);
    memset(report, 0, sizeof *report);
    pid_t child = point.ending ? static_cast<pid_t>(syscall(SYS_fork)) : fork();
    if (child < 0) fail("can't fork");
    if (child == 0) {
      close(out[0]);
      close(err[0]);
      become_child(input, out[1], err[1]);
      return;
    }
    close(out[1]);
    close(err[1]);
    close(input.first);
    close(input.second);
    watch(child, out[0], err[0], point.shareable);
    close(out[0]);
    close(err[0]);
    if (!point.shareable) break;
  }
  _exit(0);
}

}  // namespace server
}  // namespace skylake
