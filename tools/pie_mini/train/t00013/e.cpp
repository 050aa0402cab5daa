#include <stdio.h>

int main(void)
{
	int n, x, lo, ans = -2000000000;
	scanf("%d%d", &n, &lo);
	while (--n > 0) {
		scanf("%d", &x);
		if (x - lo > ans) ans = x - lo;
		if (x < lo) lo = x;
	}
	printf("%d\n", ans);
	return 0;
}
