#include <bits/stdc++.h>
using namespace std;
int main() {
  int n;
  cin >> n;
  cout << n << ':';
  for (int i = 2; i * i <= n; ++i)
    for (; n % i == 0; n /= i) cout << ' ' << i;
  if (n > 1) cout << ' ' << n;
  cout << endl;
}
