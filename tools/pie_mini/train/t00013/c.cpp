#include <bits/stdc++.h>
using namespace std;
int main() {
    int n;
    cin >> n;
    vector<int> r(n);
    for (auto& x : r) cin >> x;
    set<int> before;
    int best = INT_MIN;
    for (int i = 0; i < n; i++) {
        if (!before.empty()) best = max(best, r[i] - *before.begin());
        before.insert(r[i]);
    }
    cout << best << endl;
}
