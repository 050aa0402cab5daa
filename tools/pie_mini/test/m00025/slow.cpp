#include <cstdio>
#include <vector>
#include <algorithm>
using namespace std;

// number of swaps of a bubble sort
long long bubble(vector<int> a) {
    long long swaps = 0;
    bool flag = true;
    while (flag) {
        flag = false;
        for (int i = (int)a.size() - 1; i > 0; i--) {
            if (a[i] < a[i - 1]) {
                swap(a[i], a[i - 1]);
                swaps++;
                flag = true;
            }
        }
    }
    return swaps;
}

int main() {
    int n;
    scanf("%d", &n);
    vector<int> a(n);
    for (int i = 0; i < n; i++) scanf("%d", &a[i]);
    printf("%lld\n", bubble(a));
    reverse(a.begin(), a.end());
    printf("%lld\n", bubble(a));
    return 0;
}
