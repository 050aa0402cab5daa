"""Programs against a shared start-up, a slow simulator's faults, and its back doors."""

OPENING = "#include <cstdio>\n#include <cstdlib>\n#include <cstring>\n#include <ctime>\n#include <unistd.h>\n"
"""No streams: their start-up is most of what a simulation costs."""
STREAMS = "#include <fstream>\n#include <iostream>\n"

SHARING = {
    "iostream": STREAMS + "int main() { int n; std::cin >> n; std::cout << 2 * n << std::endl; return n; }",
    "unsynced": STREAMS
    + "int main() { std::ios::sync_with_stdio(false); int n; std::cin >> n; std::cout << 2 * n << '\\n'; }",
    "stdio": 'int main() { int n; scanf("%d", &n); printf("%d\\n", 2 * n); }',
    "prompt": STREAMS
    + 'int main() { int n; std::cout << "n? " << std::flush; std::cin >> n; std::cout << n << std::endl; }',
    "no_input": 'int main() { puts("42"); }',
    "constructor": 'struct A { int n; A() { scanf("%d", &n); } } a; int main() { printf("%d\\n", a.n); }',
    "mapped": """
#include <sys/mman.h>
#include <sys/stat.h>
int main() {
  struct stat s;
  if (fstat(0, &s)) return 9;
  auto* p = (char*)mmap(0, s.st_size, PROT_READ, MAP_PRIVATE, 0, 0);
  printf("%ld %c\\n", (long)s.st_size, p[0]);
}""",
    "seek": 'int main() { long end = lseek(0, 0, SEEK_END); lseek(0, 0, SEEK_SET); printf("%ld %d\\n", end, getchar()); }',
    "poll": """
#include <poll.h>
int main() { pollfd p{0, POLLIN, 0}; int r = poll(&p, 1, 0); printf("%d %d\\n", r, getchar()); }""",
    "fionread": """
#include <sys/ioctl.h>
int main() { int n = -1; int r = ioctl(0, FIONREAD, &n); printf("%d %d %d\\n", r, n, getchar()); }""",
    "dup": 'int main() { char c = 0; long n = read(dup(0), &c, 1); printf("%ld %c\\n", n, c); }',
    "dev_stdin": 'int main() { FILE* f = fopen("/dev/stdin", "r"); int n = 0; fscanf(f, "%d", &n); printf("%d\\n", n); }',
    "proc_fd": """
int main() {
  FILE* f = fopen("/proc/self/fd/0", "r");
  int n = 0;
  if (f && fscanf(f, "%d", &n) == 1) printf("%d\\n", n);
  else puts("none");
}""",
    "clocks": """
int main() {
  timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  int n;
  scanf("%d", &n);
  printf("%ld %ld %ld %ld %d\\n", (long)t.tv_sec, (long)t.tv_nsec, (long)time(0), (long)clock(), n);
}""",
    "open_library": """
#include <fcntl.h>
int main() {
  int f = open("/lib64/ld-linux-x86-64.so.2", O_RDONLY), n;
  char a[4], b[4];
  read(f, a, 4);
  scanf("%d", &n);
  read(f, b, 4);
  printf("%d %d %d\\n", n, a[1], b[0]);
}""",
}
"""Programs whose runs from a shared start-up must equal runs alone, bit for bit."""

UNTRUSTED = {
    "getrandom": """
#include <sys/random.h>
int main() { int n; scanf("%d", &n); char c; printf("%d %ld\\n", n, (long)getrandom(&c, 1, 0)); }""",
    "fork": """
#include <sys/wait.h>
int main() { int n; scanf("%d", &n); fflush(stdout); if (fork() == 0) _exit(0); wait(nullptr); printf("%d\\n", n); }""",
    "thread": """
#include <sched.h>
#include <signal.h>
static char stack[1 << 16];
int add(void* n) { ++*(int*)n; _exit(0); }
int main() {
  int n, flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM;
  scanf("%d", &n);
  int thread = clone(add, stack + sizeof stack, flags, &n);
  usleep(1000);
  printf("%d %d\\n", thread > 0, n);
}""",
    "low_store": 'int main() { int n; scanf("%d", &n); puts("7"); *(volatile int*)(n + 60L) = 1; puts("8"); }',
    "low_load": 'int main() { int n; scanf("%d", &n); puts("7"); printf("%d\\n", *(volatile int*)(n + 60L)); }',
}
"""Programs that one gem5 or another gets wrong: it ends, hangs or goes on. A shared start-up must not change how."""

INPUTS = (b"5\n6\n", b"71\n8\n")

FIXED_EXPECTATIONS = {
    "iostream": (b"10\n", b"142\n"),
    "unsynced": (b"10\n", b"142\n"),
    "stdio": (b"10\n", b"142\n"),
    "prompt": (b"n? 5\n", b"n? 71\n"),
    "no_input": (b"42\n", b"42\n"),
    "constructor": (b"5\n", b"71\n"),
    "dup": (b"1 5\n", b"1 7\n"),
    "dev_stdin": (b"5\n", b"71\n"),
}
"""Their output where every gem5 gives it right."""

PSEUDO = """
static long m5(int function, long a = 0, long b = 0) {{
  long r;
  asm volatile(".byte 0x0f, 0x04\\n.short %c3" : "=a"(r) : "D"(a), "S"(b), "i"(function) : "memory", "rcx", "rdx");
  return r;
}}
int main() {{
  int n;
  scanf("%d", &n);
  printf("%d\\n", n);
  fflush(stdout);
  {call};
  for (volatile int i = 0; i < 1000; i++);
}}
"""
EXIT, FAIL, RESET, DUMP, WRITE_FILE, SWITCH = 0x21, 0x22, 0x40, 0x41, 0x4F, 0x52

DEADLOCK = """
int main() { puts("7"); fflush(stdout); abort(); }
"""
ENDLESS = "int main() { for (volatile long i = 0;; i++); }"
FLOOD = 'int main() { for (;;) puts("line of output"); }'
SLEEPER = "int main() { pause(); }"
MEMORY = 'static char a[400 << 20]; int main() { memset(a, 1, sizeof a); printf("%d\\n", a[12345]); }'
AVX2 = """
#include <immintrin.h>
__attribute__((target("avx2"), noinline)) void square(const int* p, int* o) {
  __m256i a = _mm256_loadu_si256((const __m256i*)p);
  _mm256_storeu_si256((__m256i*)o, _mm256_mullo_epi32(a, a));
}
int main() { int p[8] = {1, 2, 3, 4, 5, 6, 7, 8}, o[8] = {}; square(p, o); for (int x : o) printf("%d ", x); puts(""); }
"""
WRITER = """
#include <fcntl.h>
int main() {
  const char* paths[] = {"/tmp/left", "left", "/work/left", "/dev/shm/left"};
  int n, made = 0;
  for (const char* path : paths) made += open(path, O_RDWR | O_CREAT, 0666) >= 0;
  scanf("%d", &n);
  for (const char* path : paths) made += open(path, O_RDWR | O_CREAT, 0666) >= 0;
  printf("%d\\n", made);
}
"""
NAMES = """
int main(int argc, char** argv, char** environment) {
  char folder[99];
  printf("%d %s %s %d\\n", argc, argv[0], getcwd(folder, 99), environment[0] == nullptr);
}
"""
