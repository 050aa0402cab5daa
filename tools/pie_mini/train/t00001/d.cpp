#include <stdio.h>

int main(void)
{
	int n, x;
	long long s = 0;
	scanf("%d", &n);
	while (n--) {
		scanf("%d", &x);
		s += x;
	}
	printf("%lld\n", s);
	return 0;
}
