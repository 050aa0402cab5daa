#include <iostream>
#include <algorithm>
int main() {
  std::ios::sync_with_stdio(false);
  int n, x, lo, ans = -2000000000;
  std::cin >> n >> lo;
  while (--n) {
    std::cin >> x;
    ans = std::max(ans, x - lo);
    lo = std::min(lo, x);
  }
  std::cout << ans << "\n";
}
