#include <stdio.h>
#include <algorithm>
#define INF 2000000000

int d[10005];

int main() {
  int n;
  scanf("%d", &n);
  std::fill(d, d + n, INF);
  for (int i = 0, x; i < n; i++) {
    scanf("%d", &x);
    *std::lower_bound(d, d + n, x) = x;
  }
  printf("%d\n", (int)(std::lower_bound(d, d + n, INF) - d));
}
