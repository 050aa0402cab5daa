#include <iostream>
#include <string>
using namespace std;

const int mod = 1e9 + 7;
int dp[1010][1010];

int main() {
    int h, w;
    cin >> h >> w;
    dp[0][1] = 1;
    for (int i = 1; i <= h; i++) {
        string s;
        cin >> s;
        for (int j = 1; j <= w; j++) {
            if (s[j - 1] == '.') {
                dp[i][j] = dp[i - 1][j] + dp[i][j - 1];
                if (dp[i][j] >= mod) dp[i][j] -= mod;
            }
        }
    }
    cout << dp[h][w] << "\n";
    return 0;
}
