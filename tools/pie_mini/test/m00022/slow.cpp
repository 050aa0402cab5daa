#include <iostream>
#include <vector>
using namespace std;

int main() {
    int n, m;
    cin >> n >> m;
    vector<int> group(n + 1);
    for (int i = 1; i <= n; i++) group[i] = i;
    for (int i = 0; i < m; i++) {
        int a, b;
        cin >> a >> b;
        int from = group[a], to = group[b];
        for (int j = 1; j <= n; j++) {
            if (group[j] == from) group[j] = to;
        }
        int cnt = 0;
        for (int j = 1; j <= n; j++) {
            bool found = false;
            if (group[group[j]] == group[j] && group[j] == j) found = true;
            if (found) cnt++;
        }
        // a group whose name moved away is counted by its members
        vector<bool> used(n + 1, false);
        cnt = 0;
        for (int j = 1; j <= n; j++) {
            if (!used[group[j]]) {
                used[group[j]] = true;
                cnt++;
            }
        }
        cout << cnt << endl;
    }
    return 0;
}
