#include <iostream>
#include <string>
#include <vector>
#include <algorithm>
#include <cctype>
using namespace std;

int main() {
    int n;
    cin >> n;
    vector<string> v;
    for (int i = 0; i < n; i++) {
        string s;
        cin >> s;
        for (size_t j = 2; j < s.size(); j += 3) {
            s[j] = toupper(s[j]);
        }
        v.push_back(s);
    }
    reverse(v.begin(), v.end());
    for (int i = 0; i < n; i++) {
        cout << v[i] << endl;
    }
    return 0;
}
