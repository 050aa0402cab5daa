// Asks the compiler whether a file of the harness's user exists.
// raw
// verdict: accepted
#include <cstdio>
int main()
{
    int n;
    if (scanf("%d", &n) != 1)
        return 9;
#if __has_include("@CANARY@") || __has_include("/etc/passwd")
    puts("BREACH");
#else
    printf("%d\n", 2 * n);
#endif
}
