#include <iostream>
#include <vector>
#include <algorithm>
using namespace std;

int main() {
    int n;
    cin >> n;
    vector<long long> r(n);
    for (int i = 0; i < n; i++) cin >> r[i];
    vector<long long> diff;
    for (int j = 1; j < n; j++) {
        for (int i = 0; i < j; i++) {
            diff.push_back(r[j] - r[i]);
        }
    }
    cout << *max_element(diff.begin(), diff.end()) << endl;
}
