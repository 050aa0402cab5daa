#include <bits/stdc++.h>
using namespace std;
int main() {
  cin.tie(0); ios::sync_with_stdio(0);
  int n; cin >> n;
  deque<char> d;
  bool rev = false;
  while (n--) {
    char t, c; cin >> t;
    if (t == 'R') { rev = !rev; continue; }
    cin >> c;
    if ((t == 'F') != rev) d.push_front(c);
    else d.push_back(c);
  }
  if (rev) reverse(d.begin(), d.end());
  cout << d.size() << "\n" << string(d.begin(), d.end()) << "\n";
}
