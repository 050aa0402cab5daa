#include <iostream>
using namespace std;

static long long a[64][64], b[64][64];

int main() {
    ios::sync_with_stdio(false);
    const long long P = 1000000007LL;
    int n;
    cin >> n;
    for (int i = 0; i < n; ++i)
        for (int j = 0; j < n; ++j) {
            cin >> a[i][j];
            if (a[i][j] < 0) a[i][j] += P;
        }
    for (int i = 0; i < n; ++i)
        for (int j = 0; j < n; ++j) {
            cin >> b[i][j];
            if (b[i][j] < 0) b[i][j] += P;
        }
    for (int i = 0; i < n; ++i) {
        for (int j = 0; j < n; ++j) {
            long long s = 0;
            // eight products of values below 2^30 fit below 2^63
            for (int k = 0; k < n; ++k) {
                s += a[i][k] * b[k][j];
                if ((k & 7) == 7) s %= P;
            }
            cout << s % P << " \n"[j == n - 1];
        }
    }
    return 0;
}
