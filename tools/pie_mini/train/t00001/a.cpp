#include <bits/stdc++.h>
using namespace std;

int main() {
    int n;
    cin >> n;
    map<int, long long> m;
    for (int i = 0; i < n; i++) {
        cin >> m[i];
    }
    long long ans = 0;
    for (auto p : m) ans += p.second;
    cout << ans << endl;
}
