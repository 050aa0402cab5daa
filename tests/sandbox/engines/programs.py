"""Programs that every engine must run alike: what they print, and how those end that don't end well."""

ECHO = """
#include <iostream>
int main() { int n; while (std::cin >> n) std::cout << 2 * n << "\\n"; }
"""

LOOP = """
#include <cstdio>
int main() {
  long n, total = 0;
  scanf("%ld", &n);
  for (volatile long i = 0; i < n; i++) total += i;
  printf("%ld\\n", total);
}
"""

PROMPT = """
#include <iostream>
struct Early { Early() { std::cout << "early "; } } early;
int main() { std::cout << "prompt " << std::flush; int n; std::cin >> n; std::cout << n << std::endl; }
"""

STATIC_READ = """
#include <cstdio>
struct Early { int n = 0; Early() { scanf("%d", &n); } } early;
int main() { printf("%d\\n", early.n + 1); }
"""

UNSYNCED = """
#include <iostream>
int main() { std::ios::sync_with_stdio(false); std::cin.tie(nullptr); int n; std::cin >> n; std::cout << n << '\\n'; }
"""

MAPPED_INPUT = """
#include <cstdio>
#include <sys/mman.h>
#include <sys/stat.h>
int main() {
  struct stat s;
  fstat(0, &s);
  auto* p = (char*)mmap(0, s.st_size, PROT_READ, MAP_PRIVATE, 0, 0);
  int lines = 0;
  for (long i = 0; i < s.st_size; i++) lines += p[i] == '\\n';
  printf("%d %ld\\n", lines, (long)s.st_size);
}
"""

SEEK = """
#include <cstdio>
#include <unistd.h>
int main() {
  char text[9] = {};
  long n = read(dup(0), text, 2), end = lseek(0, 0, SEEK_END);
  printf("%ld %c %ld\\n", n, text[0], end);
}
"""

NO_INPUT = """
#include <cstdio>
int main() { puts("42"); }
"""

EXCEPTIONS = """
#include <iostream>
#include <stdexcept>
int thrower(int n) { if (n > 2) throw std::out_of_range("far"); return n; }
int main() {
  int n;
  std::cin >> n;
  try {
    std::cout << thrower(n) << "\\n";
  } catch (std::exception& e) {
    std::cout << e.what() << "\\n";
  }
}
"""

DEEP = """
#include <cstdio>
int depth(int n) { volatile char room[64]; room[0] = (char)n; return n == 0 ? 0 : depth(n - 1) + 1 + (room[0] & 0); }
int main() { int n; scanf("%d", &n); printf("%d\\n", depth(n * 20000)); }
"""

WIDE = """
#include <cstdio>
int main() { long long n; scanf("%lld", &n); __int128 x = (__int128)n << 100; printf("%lld\\n", (long long)(x / 3 >> 90)); }
"""

ZEROED = """
#include <cstdio>
static char room[400 << 20];
int main() { int n; scanf("%d", &n); room[n << 20] = 1; printf("%d %d\\n", room[n << 20], room[(n << 20) + 1]); }
"""

SORTED = """
#include <algorithm>
#include <iostream>
#include <string>
#include <unordered_map>
#include <vector>
int main() {
  unsigned n;
  std::cin >> n;
  std::vector<unsigned> all;
  std::unordered_map<std::string, unsigned> seen;
  for (unsigned x = n, i = 0; i < 500; i++) {
    x = x * 1664525u + 1013904223u;
    all.push_back(x >> 8);
    seen[std::to_string(x % 50)]++;
  }
  std::sort(all.begin(), all.end());
  std::cout << all.front() << " " << all.back() << " " << seen.size() << std::endl;
}
"""

STATUS = """
int main() { return 3; }
"""

ABORT = """
#include <cstdio>
#include <cstdlib>
int main() { puts("84"); fflush(stdout); abort(); }
"""

NULL_READ = """
#include <cstdio>
int main() { puts("84"); fflush(stdout); volatile int* p = nullptr; return *p; }
"""

UNSTOPPABLE = """
#include <csignal>
int main() { for (int s = 1; s < 32; s++) signal(s, SIG_IGN); for (volatile int i = 0;; i++) {} }
"""

ASLEEP = """
#include <unistd.h>
int main() { for (;;) pause(); }
"""

HUNGRY = """
#include <cstdio>
#include <cstring>
#include <cstdlib>
int main() {
  for (int i = 0; i < 40; i++) { char* p = (char*)malloc(64 << 20); if (!p) abort(); memset(p, i + 1, 64 << 20); }
  puts("84");
}
"""

FLOOD = """
#include <cstring>
#include <unistd.h>
static char block[1 << 16];
int main() { memset(block, 'a', sizeof block); for (;;) if (write(1, block, sizeof block) < 0) return 1; }
"""

WRONG = """
#include <cstdio>
int main() { puts("85"); }
"""

BROKEN = """
int main() { return undeclared; }
"""
