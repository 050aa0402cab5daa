#include <iostream>
#include <string>
#include <vector>
using namespace std;

int main() {
    ios::sync_with_stdio(false);
    cin.tie(nullptr);
    int n;
    cin >> n;
    vector<string> v(n);
    for (int i = n - 1; i >= 0; i--) {
        cin >> v[i];
        for (size_t j = 2; j < v[i].size(); j += 3) v[i][j] -= 32;
    }
    for (auto &s : v) cout << s << '\n';
}
