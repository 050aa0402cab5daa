#include <iostream>
#include <algorithm>
int main() {
  std::cin.tie(0);
  std::ios_base::sync_with_stdio(false);
  int q, a, b;
  std::cin >> q;
  while (q--) {
    std::cin >> a >> b;
    std::cout << std::__gcd(a, b) << '\n';
  }
}
