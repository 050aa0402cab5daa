#include <iostream>
#include <vector>
using namespace std;

int main() {
  int q;
  cin >> q;
  vector<int> l(q), r(q);
  int m = 2;
  for (int i = 0; i < q; i++) {
    cin >> l[i] >> r[i];
    m = max(m, r[i]);
  }
  vector<int> c(m + 1, 1);
  c[0] = c[1] = 0;
  for (int i = 2; i * i <= m; i++)
    if (c[i])
      for (int j = i * i; j <= m; j += i) c[j] = 0;
  for (int i = 1; i <= m; i++) c[i] += c[i - 1];
  for (int i = 0; i < q; i++)
    cout << c[r[i]] - (l[i] ? c[l[i] - 1] : 0) << '\n';
}
