#include <stdio.h>

/* a^b mod m */
long long power(long long a, long long b, long long m)
{
	long long r = 1 % m;
	long long i;
	a %= m;
	for (i = 0; i < b; i++)
		r = r * a % m;
	return r;
}

int main()
{
	int q;
	long long a, b, m;
	scanf("%d", &q);
	while (q--) {
		scanf("%lld %lld %lld", &a, &b, &m);
		printf("%lld\n", power(a, b, m));
	}
	return 0;
}
