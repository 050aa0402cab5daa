#include <iostream>
#include <string>
#include <map>
using namespace std;

string a, b;
map<pair<int,int>, int> memo;

int lcs(int i, int j) {
    if (i < 0 || j < 0) return 0;
    pair<int,int> key(i, j);
    if (memo.count(key)) return memo[key];
    int r;
    if (a[i] == b[j]) r = lcs(i - 1, j - 1) + 1;
    else r = max(lcs(i - 1, j), lcs(i, j - 1));
    return memo[key] = r;
}

int main() {
    cin >> a >> b;
    cout << lcs(a.size() - 1, b.size() - 1) << endl;
}
