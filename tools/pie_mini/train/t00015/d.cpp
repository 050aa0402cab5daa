#include <cstdio>
#include <vector>
using namespace std;

vector<int> g[100005];
int d[100005], q[100005];

int main() {
    int n, m, a, b;
    scanf("%d %d", &n, &m);
    for (int i = 0; i < m; i++) {
        scanf("%d %d", &a, &b);
        g[a].push_back(b);
        g[b].push_back(a);
    }
    for (int i = 1; i <= n; i++) d[i] = -1;
    int head = 0, tail = 0;
    q[tail++] = 1;
    d[1] = 0;
    while (head < tail) {
        int v = q[head++];
        for (int u : g[v]) if (d[u] < 0) d[u] = d[v] + 1, q[tail++] = u;
    }
    for (int i = 1; i <= n; i++) printf("%d\n", d[i]);
}
