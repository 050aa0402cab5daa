#include <iostream>
#include <string>
#include <map>
using namespace std;

int main() {
    string s;
    cin >> s;
    map<string, int> cnt;
    for (int i = 0; i < (int)s.size(); i++) {
        cnt[s.substr(i, 1)]++;
    }
    string best = "";
    for (auto p : cnt) {
        if (best == "" || p.second > cnt[best]) best = p.first;
    }
    cout << best << endl;
}
