#include <cstdio>
using namespace std;
typedef unsigned long long ull;

int main() {
    int q; scanf("%d", &q);
    for (int t = 0; t < q; ++t) {
        ull a, b, m, r = 1;
        scanf("%llu%llu%llu", &a, &b, &m);
        a %= m;
        for (; b; b >>= 1) {
            if (b & 1) r = r * a % m;
            a = a * a % m;
        }
        printf("%llu\n", r % m);
    }
}
