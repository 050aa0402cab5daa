#include <iostream>
#include <vector>
using namespace std;
int main() {
  int n, m;
  cin >> n >> m;
  vector<int> dp(m + 1, 1 << 29);
  dp[0] = 0;
  for (int i = 0; i < n; ++i) {
    int c;
    cin >> c;
    for (int j = c; j <= m; ++j) dp[j] = min(dp[j], dp[j - c] + 1);
  }
  cout << (dp[m] >= 1 << 29 ? -1 : dp[m]) << "\n";
}
