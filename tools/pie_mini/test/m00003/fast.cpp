#include <bits/stdc++.h>
using namespace std;

long long s[100005];

int main() {
  int n, k;
  scanf("%d%d", &n, &k);
  for (int i = 0; i < n; i++) {
    int x;
    scanf("%d", &x);
    s[i + 1] = s[i] + x;
  }
  for (int i = k; i <= n; i++) printf("%.4f\n", double(s[i] - s[i - k]) / k);
  return 0;
}
