#include <cstdio>
#include <cmath>

double v[100000];

int main() {
    int n;
    scanf("%d", &n);
    double m = 0, s = 0;
    for (int i = 0; i < n; i++) {
        scanf("%lf", &v[i]);
        m += v[i];
    }
    m /= n;
    for (int i = 0; i < n; i++) s += (v[i] - m) * (v[i] - m);
    s = std::sqrt(s / n);
    printf("%.6f %.6f\n%.6f\n%.6f\n", m, s, m, s);
}
