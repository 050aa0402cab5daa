#include <cstdio>
int a[128][128];
int main() {
    int h, w;
    scanf("%d%d", &h, &w);
    for (int i = 0; i < h; i++)
        for (int j = 0; j < w; j++) scanf("%d", &a[j][i]);
    for (int j = 0; j < w; j++)
        for (int i = 0; i < h; i++) printf("%d%c", a[j][i], i + 1 < h ? ' ' : '\n');
}
