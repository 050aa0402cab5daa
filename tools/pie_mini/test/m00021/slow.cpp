#include <bits/stdc++.h>
using namespace std;

int main() {
    int n, k;
    cin >> n >> k;
    vector<int> a(n);
    for (int i = 0; i < n; i++) cin >> a[i];
    multiset<int> s;
    for (int i = 0; i < n; i++) {
        s.insert(a[i]);
        if (i >= k) s.erase(s.find(a[i - k]));
        if (i >= k - 1) cout << *s.rbegin() << " ";
    }
    cout << endl;
    return 0;
}
