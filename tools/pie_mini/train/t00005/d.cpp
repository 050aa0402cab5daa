#include <cstdio>
#include <cstring>

short dp[50001];

int main() {
    int n, m, c;
    scanf("%d%d", &n, &m);
    memset(dp, 0x3f, sizeof(dp));
    dp[0] = 0;
    while (n--) {
        scanf("%d", &c);
        for (int j = c; j <= m; j++)
            if (dp[j - c] + 1 < dp[j]) dp[j] = dp[j - c] + 1;
    }
    printf("%d\n", dp[m] >= 0x3f3f ? -1 : dp[m]);
}
