#include <bits/stdc++.h>
using namespace std;
#define rep(i, n) for (int i = 0; i < (int)(n); i++)

int main() {
    int n;
    cin >> n;
    vector<pair<double, double>> p(n);
    rep(i, n) {
        double x, y;
        cin >> x >> y;
        p[i] = make_pair(x, y);
    }
    sort(p.begin(), p.end());
    double area = 0;
    rep(i, n - 1) {
        area += (p[i + 1].first - p[i].first) * (p[i].second + p[i + 1].second) / 2;
    }
    cout << fixed << setprecision(8) << area << endl;
}
