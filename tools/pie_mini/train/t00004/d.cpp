#include <cstdio>
#include <cstring>
#include <algorithm>
using namespace std;
char a[100005], b[100005];
int main() {
  scanf("%s%s", a, b);
  sort(a, a + strlen(a));
  sort(b, b + strlen(b));
  puts(strcmp(a, b) ? "NO" : "YES");
}
