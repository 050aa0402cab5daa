#include <iostream>
using namespace std;
int cnt[26];
int main() {
  char c;
  while (cin >> c) cnt[c - 'a']++;
  int b = 0;
  for (int i = 1; i < 26; i++) if (cnt[i] > cnt[b]) b = i;
  cout << (char)('a' + b) << endl;
}
