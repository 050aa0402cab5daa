#include <stdio.h>

static unsigned f[100001];
static int top;

static unsigned fact(int n)
{
	while (top < n) {
		++top;
		f[top] = (unsigned long long)f[top - 1] * top % 1000000007u;
	}
	return f[n];
}

int main()
{
	int t, n;
	f[0] = 1;
	scanf("%d", &t);
	while (t--) {
		scanf("%d", &n);
		printf("%u\n", fact(n));
	}
	return 0;
}
