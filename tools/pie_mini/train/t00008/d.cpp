#include <iostream>
#include <vector>
using namespace std;
int main() {
  ios::sync_with_stdio(false);
  cin.tie(nullptr);
  int n;
  cin >> n;
  vector<int> a(n), r(n), st;
  for (int &x : a) cin >> x;
  for (int i = n - 1; i >= 0; --i) {
    while (!st.empty() && st.back() <= a[i]) st.pop_back();
    r[i] = st.empty() ? -1 : st.back();
    st.push_back(a[i]);
  }
  for (int x : r) cout << x << '\n';
}
