#include <stdio.h>
#include <string.h>

char a[1005], b[1005];
int dp[1005];

int main()
{
	scanf("%s %s", a, b);
	int n = strlen(a), m = strlen(b);
	for (int i = 0; i < n; i++) {
		int diag = 0;
		for (int j = 1; j <= m; j++) {
			int up = dp[j];
			if (a[i] == b[j - 1]) dp[j] = diag + 1;
			else if (dp[j - 1] > up) dp[j] = dp[j - 1];
			diag = up;
		}
	}
	printf("%d\n", dp[m]);
	return 0;
}
