#include <cstdio>

static int cnt[10001];

int main() {
    int n, x;
    scanf("%d", &n);
    for (int i = 0; i < n; i++) {
        scanf("%d", &x);
        cnt[x]++;
    }
    static char out[1 << 17];
    char *p = out;
    for (int v = 0; v <= 10000; v++) {
        if (!cnt[v]) continue;
        char digits[8];
        int len = 0;
        for (int t = v; len == 0 || t; t /= 10) digits[len++] = '0' + t % 10;
        for (int c = cnt[v]; c > 0; c--) {
            for (int k = len; k--; ) *p++ = digits[k];
            *p++ = ' ';
        }
    }
    p[-1] = '\n';
    fwrite(out, 1, p - out, stdout);
}
