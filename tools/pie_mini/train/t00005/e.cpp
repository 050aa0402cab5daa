#include <cstdio>
#include <cstring>

// bit sets: reach[j] = sums that can be paid with j coins
typedef unsigned long long u64;
static u64 cur[64], nxt[64];
static int c[64];

int main() {
    int n, m;
    scanf("%d%d", &n, &m);
    for (int i = 0; i < n; i++) scanf("%d", c + i);
    int words = m / 64 + 1;
    cur[0] = 1;
    for (int step = 0; step <= m; step++) {
        if (cur[m >> 6] >> (m & 63) & 1) {
            printf("%d\n", step);
            return 0;
        }
        memset(nxt, 0, words * sizeof(u64));
        for (int i = 0; i < n; i++) {
            int w = c[i] >> 6, b = c[i] & 63;
            for (int k = w; k < words; k++) {
                u64 v = cur[k - w] << b;
                if (b && k > w) v |= cur[k - w - 1] >> (64 - b);
                nxt[k] |= v;
            }
        }
        u64 any = 0;
        for (int k = 0; k < words; k++) any |= cur[k] = nxt[k];
        if (!any) break;
    }
    puts("-1");
}
