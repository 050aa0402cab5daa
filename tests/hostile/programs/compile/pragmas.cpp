// Asks the compiler for plugins and options by pragma.
// raw
// verdict: accepted
#pragma GCC plugin "/tmp/plugin.so"
#pragma comment(linker, "/include:x")
#include <cstdio>
int main()
{
    int n;
    if (scanf("%d", &n) != 1)
        return 9;
    printf("%d\n", 2 * n);
}
