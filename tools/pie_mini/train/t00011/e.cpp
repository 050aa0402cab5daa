#include <cstdio>
static unsigned char d[100001];
int main() {
    int n, a, b;
    long long ans = 0;
    scanf("%d%d%d", &n, &a, &b);
    // d[i] from d[i / 10], ten values at once
    for (int t = 0, i = 0; i <= n; t++)
        for (int u = 0; u < 10 && i <= n; u++, i++) {
            d[i] = d[t] + u;
            if (i && a <= d[i] && d[i] <= b) ans += i;
        }
    printf("%lld\n", ans);
}
