#include <bits/stdc++.h>
using namespace std;

typedef long long ll;
typedef vector<ll> vec;
typedef vector<vec> mat;
const ll MOD = 1e9 + 7;

mat mul(mat a, mat b) {
    int n = a.size();
    mat c(n, vec(n));
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            for (int k = 0; k < n; k++)
                c[i][j] = (c[i][j] + a[i][k] * b[k][j]) % MOD;
    return c;
}

mat read(int n) {
    mat a(n, vec(n));
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            cin >> a[i][j];
    return a;
}

int main() {
    int n;
    cin >> n;
    mat a = read(n);
    mat b = read(n);
    mat c = mul(a, b);
    for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
            if (j > 0) cout << " ";
            cout << (c[i][j] + MOD) % MOD;
        }
        cout << endl;
    }
}
