#include <cstdio>

static int head[100005], to[400005], nxt[400005], d[100005], q[100005];

static int rd() {
    int c = getchar_unlocked(), x = 0;
    while (c < '0') c = getchar_unlocked();
    for (; c >= '0'; c = getchar_unlocked()) x = x * 10 + c - '0';
    return x;
}

int main() {
    int n = rd(), m = rd(), e = 0;
    for (int i = 0; i < m; i++) {
        int a = rd(), b = rd();
        to[++e] = b; nxt[e] = head[a]; head[a] = e;
        to[++e] = a; nxt[e] = head[b]; head[b] = e;
    }
    int h = 0, t = 0;
    q[t++] = 1;
    d[1] = 1;
    while (h < t)
        for (int v = q[h++], k = head[v]; k; k = nxt[k])
            if (!d[to[k]]) d[to[k]] = d[v] + 1, q[t++] = to[k];
    for (int i = 1; i <= n; i++) printf("%d\n", d[i] - 1);
}
