#include <cstdio>
typedef long long ll;
const ll M = 1e9 + 7;
int main() {
    int t, n;
    scanf("%d", &t);
    while (t--) {
        scanf("%d", &n);
        ll f = 1;
        while (n > 1) f = f * n-- % M;
        printf("%lld\n", f);
    }
    return 0;
}
