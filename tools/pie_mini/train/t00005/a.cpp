#include <iostream>
#include <map>
#include <vector>
#include <algorithm>
using namespace std;

int n, m;
vector<int> c;
map<int, int> memo;

int solve(int rest) {
    if (rest == 0) return 0;
    if (rest < 0) return 1000000;
    if (memo.find(rest) != memo.end()) return memo[rest];
    int best = 1000000;
    for (int i = 0; i < n; i++) best = min(best, solve(rest - c[i]) + 1);
    memo[rest] = best;
    return best;
}

int main() {
    cin >> n >> m;
    c.resize(n);
    for (int i = 0; i < n; i++) cin >> c[i];
    int r = solve(m);
    cout << (r >= 1000000 ? -1 : r) << endl;
}
