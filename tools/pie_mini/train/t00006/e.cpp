#include <stdio.h>

int gcd(int a, int b) { return b ? gcd(b, a % b) : a; }

int main()
{
	int q, a, b;
	scanf("%d", &q);
	while (q--) {
		scanf("%d %d", &a, &b);
		printf("%d\n", gcd(a, b));
	}
	return 0;
}
