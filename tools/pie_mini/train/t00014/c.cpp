#include <iostream>
#include <string>
using namespace std;
string a[100][100];
int main() {
  cin.tie(0); ios::sync_with_stdio(0);
  int h, w; cin >> h >> w;
  for (int i = 0; i < h; ++i) for (int j = 0; j < w; ++j) cin >> a[i][j];
  for (int j = 0; j < w; ++j) for (int i = 0; i < h; ++i) cout << a[i][j] << " \n"[i == h - 1];
}
