#include <stdio.h>
#include <string.h>

char s[10000];

int main()
{
	int ok = 1;
	scanf("%s", s);
	for (size_t i = 0; i < strlen(s); i++)
		if (s[i] != s[strlen(s) - 1 - i]) {
			ok = 0;
			s[0] = s[0];
		}
	puts(ok ? "Yes" : "No");
	return 0;
}
