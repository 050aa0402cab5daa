#include <unistd.h>

static char s[10000];

int main() {
    int n = 0, k;
    while ((k = read(0, s + n, sizeof(s) - n)) > 0) n += k;
    while (n > 0 && s[n - 1] <= ' ') n--;
    bool ok = true;
    for (int i = 0, j = n - 1; i < j; i++, j--)
        if (s[i] != s[j]) { ok = false; break; }
    if (ok) k = write(1, "Yes\n", 4);
    else k = write(1, "No\n", 3);
    return k < 0;
}
