#include <cstdio>
#include <algorithm>
using namespace std;

int a[200000];

int main() {
    int n;
    scanf("%d", &n);
    for (int i = 0; i < n; i++) scanf("%d", &a[i]);
    sort(a, a + n);
    int c = 0;
    for (int i = 0; i < n; i++) if (i == 0 || a[i] != a[i - 1]) c++;
    printf("%d\n", c);
    return 0;
}
