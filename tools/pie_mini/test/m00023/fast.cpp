#include <stdio.h>

int main(void)
{
    int q, n, i, c;
    scanf("%d", &q);
    while (q--) {
        scanf("%d", &n);
        c = 0;
        for (i = 1; i * i < n; i++) {
            if (n % i == 0) c += 2;
        }
        if (i * i == n) c++;
        printf("%d\n", c);
    }
    return 0;
}
