#include <stdio.h>

static char seen[100001];

int main()
{
	int n, c = 0;
	scanf("%d", &n);
	while (n--) {
		int x;
		scanf("%d", &x);
		c += !seen[x];
		seen[x] = 1;
	}
	printf("%d\n", c);
	return 0;
}
