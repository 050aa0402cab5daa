#include <iostream>
using namespace std;

long long a[200005];

int main() {
    int m, n;
    cin >> m >> n;
    for (int q = 0; q < n; q++) {
        int l, r, x;
        cin >> l >> r >> x;
        for (int i = l; i <= r; i++) {
            a[i] += x;
        }
    }
    long long best = a[1];
    for (int i = 2; i <= m; i++) {
        if (a[i] > best) best = a[i];
    }
    cout << best << endl;
    return 0;
}
