#include <iostream>
#include <vector>
#include <queue>
#include <set>
using namespace std;
int main() {
  ios::sync_with_stdio(false);
  int n, m;
  cin >> n >> m;
  vector<set<int>> g(n + 1);
  for (int i = 0; i < m; ++i) {
    int a, b;
    cin >> a >> b;
    g[a].insert(b);
    g[b].insert(a);
  }
  vector<int> d(n + 1, -1);
  queue<int> q;
  d[1] = 0;
  q.push(1);
  while (!q.empty()) {
    int v = q.front();
    q.pop();
    for (int u : g[v])
      if (d[u] < 0) d[u] = d[v] + 1, q.push(u);
  }
  for (int i = 1; i <= n; ++i) cout << d[i] << '\n';
}
