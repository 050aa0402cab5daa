#include <stdio.h>

int cnt[128];
char s[100005];

int main()
{
	int i, bad = 0;
	scanf("%s", s);
	for (i = 0; s[i]; i++) cnt[(int)s[i]]++;
	scanf("%s", s);
	for (i = 0; s[i]; i++) cnt[(int)s[i]]--;
	for (i = 0; i < 128; i++) bad |= cnt[i];
	puts(bad ? "NO" : "YES");
	return 0;
}
