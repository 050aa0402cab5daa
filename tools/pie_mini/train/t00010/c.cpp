#include <cstdio>
int main() {
    int n;
    scanf("%d", &n);
    printf("%d:", n);
    for (int i = 2; n > 1; ) {
        if (n % i == 0) {
            printf(" %d", i);
            n /= i;
        } else {
            i++;
        }
    }
    printf("\n");
}
