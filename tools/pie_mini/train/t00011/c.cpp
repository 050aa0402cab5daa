#include <iostream>
using namespace std;

int digitSum(int x) {
    int s = 0;
    while (x > 0) {
        s += x % 10;
        x /= 10;
    }
    return s;
}

int main() {
    int n, a, b;
    cin >> n >> a >> b;
    long long total = 0;
    for (int i = 1; i <= n; i++) {
        int s = digitSum(i);
        if (s >= a && s <= b) total += i;
    }
    cout << total << endl;
    return 0;
}
