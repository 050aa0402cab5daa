"""Programs that try the engine: ordinary ones with rare instructions, crashing ones, ones that cheat or break out."""

AVX2 = r"""
#pragma GCC target("avx2,fma,bmi2,popcnt")
#include <immintrin.h>
#include <cstdio>
int main() {
  int n, in[8], out[8];
  scanf("%d", &n);
  for (int i = 0; i < 8; i++) in[i] = n + i;
  __m256i a = _mm256_loadu_si256((__m256i*)in);
  _mm256_storeu_si256((__m256i*)out, _mm256_mullo_epi32(a, a));
  for (int x : out) printf("%d ", x);
  printf("%d %d\n", __builtin_popcountll(n * 12345678901ll), __builtin_cpu_supports("avx2"));
}
"""

LONG_DOUBLE = r"""
#include <cstdio>
int main() { long double x; scanf("%Lf", &x); printf("%.20Lf\n", x / 3.0L); }
"""

REPEAT = r"""
#include <cstdio>
char a[100000], b[100000];
int main() {
  int n, sum = 0;
  scanf("%d", &n);
  void *d = a, *s = a;
  long c = n * 1000;
  asm volatile("rep stosb" : "+D"(d), "+c"(c) : "a"(7) : "memory");
  d = b, c = n * 1000;
  asm volatile("rep movsb" : "+D"(d), "+S"(s), "+c"(c)::"memory");
  for (char x : b) sum += x;
  d = b, c = 100000;
  asm volatile("repne scasb" : "+D"(d), "+c"(c) : "a"(0) : "memory");
  printf("%d %ld\n", sum, c);
}
"""

MACHINE = r"""
#include <chrono>
#include <cstdio>
#include <ctime>
#include <random>
#include <sys/utsname.h>
#include <unistd.h>
#include <x86intrin.h>
int main() {
  std::random_device random;
  utsname name;
  uname(&name);
  printf("%llu %u %d %ld %p %s\n", __rdtsc(), random(), getpid(), (long)time(0), (void*)&name, name.nodename);
  printf("%ld %ld\n", (long)std::chrono::steady_clock::now().time_since_epoch().count(), (long)clock());
}
"""

SELF_MODIFYING = r"""
#include <cstdio>
#include <cstring>
#include <sys/mman.h>
int main() {
  auto* code = (unsigned char*)mmap(0, 4096, 7, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  int sum = 0;
  for (int i = 0; i < 100; i++) {
    unsigned char answer[] = {0xb8, (unsigned char)i, 0, 0, 0, 0xc3};
    memcpy(code, answer, 6);
    sum += ((int (*)())code)();
  }
  printf("%d\n", sum);
}
"""

THREAD = r"""
#include <cstdio>
#include <system_error>
#include <thread>
int main() {
  try {
    std::thread([] {}).join();
  } catch (std::system_error& e) {
    printf("%d\n", e.code().value());
  }
}
"""

SELF_EXEC = r"""
#include <cerrno>
#include <cstdio>
#include <unistd.h>
int main(int, char** v) { execv("/work/prog", v); printf("%d\n", errno == EPERM); }
"""

FORK = r"""
#include <cstdio>
#include <cstdlib>
#include <unistd.h>
int main() { printf("%d %d\n", fork(), system("echo out")); }
"""

ABORT = r"""
#include <cstdio>
#include <cstdlib>
int main() { puts("7"); fflush(stdout); abort(); }
"""

HANDLED = r"""
#include <csignal>
#include <cstdio>
#include <cstdlib>
void stop(int s) { printf("got %d\n", s); fflush(stdout); _Exit(3); }
int main() { signal(SIGFPE, stop); raise(SIGFPE); }
"""

NULL_READ = r"""
#include <cstdio>
int main() { puts("7"); fflush(stdout); volatile int* p = nullptr; return *p; }
"""

DIVIDE_BY_ZERO = r"""
int main() { volatile int zero = 0; return 5 / zero; }
"""

STATIC_CRASH = r"""
struct Early { Early() { volatile long at = 64; *(volatile int*)at = 1; } } early;
int main() {}
"""

ENDLESS = r"""
int main() { for (volatile int i = 0;; i++) {} }
"""

BLOCKED = r"""
#include <unistd.h>
int main() { pause(); }
"""

MEMORY = r"""
#include <cstdio>
#include <vector>
int main() {
  std::vector<char*> all;
  for (int i = 0; i < 30; i++) all.push_back(new char[50 << 20]);
  printf("%zu\n", all.size());
}
"""

OUTPUT = r"""
#include <cstdio>
#include <cstring>
#include <unistd.h>
char block[1 << 16];
int main() { memset(block, 'a', sizeof block); for (;;) write(1, block, sizeof block); }
"""

PROMPT = r"""
#include <iostream>
struct Early { Early() { std::cout << "early " << std::flush; } } early;
int main() { std::cout << "prompt " << std::flush; int n; std::cin >> n; std::cout << n << std::endl; return n; }
"""

OPEN_BEFORE = r"""
#include <cstdio>
int main() {
  FILE* f = fopen("/etc/ld.so.cache", "r");
  setvbuf(f, nullptr, _IONBF, 0);
  char a[4], b[4];
  int n;
  fread(a, 1, 4, f);
  scanf("%d", &n);
  fread(b, 1, 4, f);
  printf("%d %.4s\n", n, b);
}
"""

DEVICE_INPUT = r"""
#include <fstream>
#include <iostream>
int main() { std::ifstream f("/dev/stdin"); int a, b; f >> a; std::cin >> b; std::cout << a << " " << b << std::endl; }
"""

SCAN = r"""
#include <csetjmp>
#include <csignal>
#include <cstdio>
sigjmp_buf place;
void again(int) { siglongjmp(place, 1); }
int main() {
  signal(SIGSEGV, again);
  int found = 0;
  for (unsigned long a = 0x7f0000000000; a < 0x7fffffffffff; a += 0x1000000)
    if (!sigsetjmp(place, 1)) { (void)*(volatile char*)a; found++; }
  printf("found %d\n", found);
}
"""

MAP_OVER = r"""
#include <cstdio>
#include <sys/mman.h>
int main() {
  void* p = mmap((void*)0x7f0000000000, 1 << 30, 3, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  printf("%d\n", p != MAP_FAILED);
}
"""

UNMAP_ALL = r"""
#include <cstdio>
#include <sys/mman.h>
int main() { printf("%d\n", munmap((void*)0x10000000000, 0x7e0000000000)); }
"""

KILL_OTHERS = r"""
#include <csignal>
#include <cstdio>
#include <unistd.h>
int main() { for (int i = 1; i < 99; i++) kill(i, SIGKILL); puts("done"); }
"""

PEEK = r"""
#include <cstdio>
#include <unistd.h>
int main() {
  const char* paths[] = {"/proc/self/maps", "/proc/thread-self/mem", "/proc/self/../self/maps", "/proc/1/maps",
                         "/proc/cpuinfo",   "/etc/../proc/self/auxv", "/sys/kernel"};
  int opened = 0, written = 0;
  for (const char* path : paths) opened += fopen(path, "r") != nullptr;
  for (int fd = 3; fd < 1024; fd++) written += write(fd, "x", 1) > 0;
  printf("%d %d %d\n", opened, written, fopen("/tmp/x", "w") != nullptr);
}
"""
