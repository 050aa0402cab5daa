#include <iostream>
#include <vector>
using namespace std;
const int INF = 1000000000;

int main() {
    int n, m;
    cin >> n >> m;
    vector<int> a(m), b(m);
    for (int i = 0; i < m; i++) cin >> a[i] >> b[i];
    // Bellman-Ford
    vector<int> d(n + 1, INF);
    d[1] = 0;
    for (int k = 0; k < n; k++) {
        for (int i = 0; i < m; i++) {
            if (d[a[i]] + 1 < d[b[i]]) d[b[i]] = d[a[i]] + 1;
            if (d[b[i]] + 1 < d[a[i]]) d[a[i]] = d[b[i]] + 1;
        }
    }
    for (int i = 1; i <= n; i++) cout << (d[i] == INF ? -1 : d[i]) << endl;
}
