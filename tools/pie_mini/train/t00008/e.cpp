#include <stdio.h>

int a[200005], nx[200005];

int main()
{
	int n, i, j;
	scanf("%d", &n);
	for (i = 0; i < n; i++) scanf("%d", &a[i]);
	nx[n - 1] = n;
	for (i = n - 2; i >= 0; i--) {
		j = i + 1;
		while (j < n && a[j] <= a[i]) j = nx[j];
		nx[i] = j;
	}
	for (i = 0; i < n; i++) printf("%d\n", nx[i] < n ? a[nx[i]] : -1);
	return 0;
}
