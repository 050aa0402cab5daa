#include <stdio.h>

char s[100005];
int cnt[128];

int main()
{
	int i, best = 'a';
	fgets(s, sizeof(s), stdin);
	for (i = 0; s[i] >= 'a'; i++) cnt[(int)s[i]]++;
	for (i = 'a'; i <= 'z'; i++) if (cnt[i] > cnt[best]) best = i;
	putchar(best);
	putchar('\n');
	return 0;
}
