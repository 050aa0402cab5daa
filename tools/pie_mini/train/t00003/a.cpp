#include <iostream>
using namespace std;
const long long MOD = 1000000007;

long long fact(long long n) {
    if (n == 0) return 1;
    long long r = fact(n - 1) % MOD;
    long long acc = 0;
    // Russian peasant multiplication, so nothing overflows
    for (long long k = n; k > 0; k /= 2) {
        if (k % 2 == 1) acc = (acc + r) % MOD;
        r = (r + r) % MOD;
    }
    return acc;
}

int main() {
    int t;
    cin >> t;
    while (t--) {
        int n;
        cin >> n;
        cout << fact(n) << endl;
    }
}
