#include <iostream>
#include <algorithm>
using namespace std;
int a[200000];
int main() {
  ios::sync_with_stdio(false); cin.tie(nullptr);
  int n; cin >> n;
  for (int i = 0; i < n; ++i) cin >> a[i];
  sort(a, a + n);
  cout << unique(a, a + n) - a << endl;
}
