#include <bits/stdc++.h>
using namespace std;
long long dp[100010];
int main() {
  int n, W;
  cin >> n >> W;
  while (n--) {
    int w; long long v;
    cin >> w >> v;
    for (int j = W; j >= w; j--) dp[j] = max(dp[j], dp[j - w] + v);
  }
  cout << dp[W] << endl;
}
