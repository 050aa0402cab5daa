#include <stdio.h>

/* the numbers are moved as text: nothing is parsed */
static char in[1 << 17], *cell[128][128];

int main(void)
{
	int h, w, used;
	in[fread(in, 1, sizeof(in) - 1, stdin)] = 0;
	sscanf(in, "%d %d%n", &h, &w, &used);
	char *p = in + used;
	for (int i = 0; i < h; i++)
		for (int j = 0; j < w; j++) {
			while (*p <= ' ') *p++ = 0;
			cell[i][j] = p;
			while (*p > ' ') p++;
		}
	*p = 0;
	for (int j = 0; j < w; j++)
		for (int i = 0; i < h; i++) {
			fputs(cell[i][j], stdout);
			putchar_unlocked(i + 1 < h ? ' ' : '\n');
		}
	return 0;
}
