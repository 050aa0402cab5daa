#include <bits/stdc++.h>
#define MOD 1000000007
using namespace std;
typedef long long ll;

int H, W;
vector<string> g;
map<pair<int,int>, ll> memo;

ll rec(int y, int x) {
    if (y >= H || x >= W || g[y][x] == '#') return 0;
    if (y == H - 1 && x == W - 1) return 1;
    if (memo.count(make_pair(y, x))) return memo[make_pair(y, x)];
    return memo[make_pair(y, x)] = (rec(y + 1, x) + rec(y, x + 1)) % MOD;
}

int main() {
    cin >> H >> W;
    g.resize(H);
    for (int i = 0; i < H; i++) cin >> g[i];
    cout << rec(0, 0) << endl;
}
