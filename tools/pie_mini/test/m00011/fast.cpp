#include <stdio.h>

int main()
{
    int n, x;
    long long acc = 0;

    scanf("%d", &n);
    while (n-- > 0)
    {
        scanf("%d", &x);
        acc += x;
        printf("%lld\n", acc);
    }
    return 0;
}
