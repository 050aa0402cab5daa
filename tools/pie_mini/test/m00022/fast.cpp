#include <cstdio>

int par[100005];

int find(int x) {
    while (par[x] != x) x = par[x] = par[par[x]];
    return x;
}

int main() {
    int n, m, a, b;
    scanf("%d%d", &n, &m);
    for (int i = 1; i <= n; i++) par[i] = i;
    int c = n;
    while (m--) {
        scanf("%d%d", &a, &b);
        a = find(a);
        b = find(b);
        if (a != b) {
            par[a] = b;
            c--;
        }
        printf("%d\n", c);
    }
}
