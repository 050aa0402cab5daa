#include <stdio.h>

int main(void)
{
	int n, i;
	scanf("%d", &n);
	printf("%d:", n);
	for (i = 2; i * i <= n; i += 1 + (i & 1)) {
		while (n % i == 0) {
			printf(" %d", i);
			n /= i;
		}
	}
	if (n > 1) printf(" %d", n);
	puts("");
	return 0;
}
