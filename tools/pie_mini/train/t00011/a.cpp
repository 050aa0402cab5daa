#include <iostream>
#include <string>
#include <sstream>
using namespace std;

int main() {
    int n, a, b;
    cin >> n >> a >> b;
    long long ans = 0;
    for (int i = 1; i <= n; i++) {
        stringstream ss;
        ss << i;
        string s = ss.str();
        int d = 0;
        for (char c : s) d += c - '0';
        if (a <= d && d <= b) ans += i;
    }
    cout << ans << endl;
}
