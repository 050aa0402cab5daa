#include <cstdio>

int main() {
  int f[50] = {1, 1}, t, n;
  for (int i = 2; i < 45; i++) f[i] = f[i - 1] + f[i - 2];
  for (scanf("%d", &t); t--; ) {
    scanf("%d", &n);
    printf("%d\n", f[n]);
  }
}
