#include <iostream>
#include <string>
#include <algorithm>
using namespace std;

int main() {
    ios_base::sync_with_stdio(false);
    string s;
    cin >> s;
    int cnt[26] = {};
    for (char c : s) ++cnt[c - 'a'];
    cout << char('a' + (max_element(cnt, cnt + 26) - cnt)) << '\n';
}
