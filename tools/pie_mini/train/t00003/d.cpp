#include <iostream>
#include <vector>
using namespace std;

int main() {
    ios::sync_with_stdio(false);
    cin.tie(nullptr);
    const int MOD = 1000000007;
    vector<long long> f(100001, 1);
    for (int i = 1; i <= 5000; i++) f[i] = f[i - 1] * i % MOD;
    int t, n;
    cin >> t;
    while (t--) {
        cin >> n;
        cout << f[n] << "\n";
    }
}
