#include <cstdio>
#include <cstring>
typedef unsigned long long u64;

static char a[1100], b[1100];
static u64 mask[128][20], v[20];

// bit-parallel LCS (Hyyro): 64 cells of a row at once
int main() {
    if (scanf("%s%s", a, b) != 2) return 1;
    int n = strlen(a), words = (n + 63) / 64;
    for (int i = 0; i < n; i++) mask[(int)a[i]][i >> 6] |= 1ULL << (i & 63);
    memset(v, 0xff, sizeof(v));
    for (char *p = b; *p; ++p) {
        u64 carry = 0;
        for (int k = 0; k < words; k++) {
            u64 u = v[k] & mask[(int)*p][k];
            u64 sum = v[k] + u, c1 = sum < u;
            sum += carry;
            carry = c1 | (sum < carry);
            v[k] = sum | (v[k] - u);
        }
    }
    int zeros = 0;
    for (int i = 0; i < n; i++) zeros += !(v[i >> 6] >> (i & 63) & 1);
    printf("%d\n", zeros);
}
