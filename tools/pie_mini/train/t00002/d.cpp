#include <cstdio>
#include <cstring>
#include <algorithm>

char s[10000], t[10000];

int main() {
    scanf("%s", s);
    int n = strlen(s);
    for (int i = 0; i < n; i++) t[n - 1 - i] = s[i];
    for (int i = 0; i < n; i++) {
        if (s[i] != t[i]) {
            printf("No\n");
            return 0;
        }
    }
    printf("Yes\n");
}
