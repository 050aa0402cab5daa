#include <iostream>
#include <vector>
using namespace std;

int main() {
    int n;
    cin >> n;
    cout << n << ":";
    vector<bool> prime(n + 1, true);
    for (int i = 2; i <= n; i++) {
        if (!prime[i]) continue;
        for (long long j = 2LL * i; j <= n; j += i) prime[j] = false;
    }
    int m = n;
    for (int i = 2; i <= n; i++) {
        while (prime[i] && m % i == 0) {
            cout << " " << i;
            m /= i;
        }
    }
    cout << endl;
}
