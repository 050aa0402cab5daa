#include <cstdio>

static int read() {
    int c = getchar_unlocked(), x = 0;
    bool neg = false;
    while (c < '0') { if (c == '-') neg = true; c = getchar_unlocked(); }
    for (; c >= '0'; c = getchar_unlocked()) x = x * 10 + c - '0';
    return neg ? -x : x;
}

int main() {
    int n = read();
    long long s = 0;
    for (int i = 0; i < n; i++) s += read();
    printf("%lld\n", s);
}
