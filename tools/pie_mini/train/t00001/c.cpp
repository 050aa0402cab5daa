#include <iostream>
int main() {
  std::ios::sync_with_stdio(false);
  std::cin.tie(nullptr);
  int n;
  std::cin >> n;
  long long s = 0, x;
  while (n--) { std::cin >> x; s += x; }
  std::cout << s << '\n';
}
