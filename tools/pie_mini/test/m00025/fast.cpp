#include <cstdio>
int bit[100005], n;
int main() {
  scanf("%d", &n);
  long long inv = 0;
  for (int i = 0; i < n; i++) {
    int a;
    scanf("%d", &a);
    int le = 0;
    for (int j = a; j > 0; j -= j & -j) le += bit[j];
    inv += i - le;
    for (int j = a; j <= n; j += j & -j) bit[j]++;
  }
  printf("%lld\n%lld\n", inv, (long long)n * (n - 1) / 2 - inv);
}
