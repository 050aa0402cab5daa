#include <bits/stdc++.h>
using namespace std;

int main(){
    int h, w, d;
    cin >> h >> w >> d;
    vector<string> s(h);
    for(auto &r : s) cin >> r;
    set<pair<int,int>> visited;
    vector<pair<int,pair<int,int>>> que;
    que.push_back({0, {0, 0}});
    visited.insert({0, 0});
    int dy[4] = {0, 1, 0, -1};
    int dx[4] = {1, 0, -1, 0};
    while(!que.empty()){
        pair<int,pair<int,int>> cur = que.front();
        que.erase(que.begin());
        if(cur.first == d) continue;
        for(int k = 0; k < 4; k++){
            int y = cur.second.first + dy[k];
            int x = cur.second.second + dx[k];
            if(y < 0 || y >= h || x < 0 || x >= w) continue;
            if(s[y][x] == '#') continue;
            if(visited.count({y, x})) continue;
            visited.insert({y, x});
            que.push_back({cur.first + 1, {y, x}});
        }
    }
    cout << visited.size() << endl;
    return 0;
}
