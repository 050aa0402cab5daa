#include <cstdio>
#include <algorithm>
using namespace std;
typedef long long ll;

ll d[200005];

int main() {
    int m, n, l, r, x;
    scanf("%d %d", &m, &n);
    while (n--) {
        scanf("%d %d %d", &l, &r, &x);
        d[l] += x;
        d[r + 1] -= x;
    }
    ll best = d[1];
    for (int i = 2; i <= m; i++) {
        d[i] += d[i - 1];
        best = max(best, d[i]);
    }
    printf("%lld\n", best);
}
