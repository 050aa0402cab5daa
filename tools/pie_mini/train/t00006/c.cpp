#include <bits/stdc++.h>
using namespace std;
int gcd_(int x, int y) {
    while (x != y) {
        if (x > y) x -= y;
        else y -= x;
    }
    return x;
}
int main() {
    int q;
    cin >> q;
    while (q--) {
        int a, b;
        cin >> a >> b;
        cout << gcd_(a, b) << endl;
    }
}
