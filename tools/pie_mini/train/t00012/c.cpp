#include <bits/stdc++.h>
using namespace std;
int main() {
  int n; cin >> n;
  priority_queue<int, vector<int>, greater<int>> q;
  for (int i = 0; i < n; i++) { int x; cin >> x; q.push(x); }
  bool first = true;
  while (!q.empty()) {
    if (!first) cout << ' ';
    first = false;
    cout << q.top();
    q.pop();
  }
  cout << endl;
}
