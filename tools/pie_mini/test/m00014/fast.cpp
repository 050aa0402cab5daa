#include <stdio.h>

int main()
{
	int a, b, c;
	char s[128];
	scanf("%d%d%d%s", &a, &b, &c, s);
	printf("%d %d %s\n", a + b + c, a > b ? a : b, s);
	return 0;
}
