#include <cstdio>
#include <iostream>
#include <string>
#include <vector>
using namespace std;

int main() {
  int T;
  cin >> T;
  string s, st;
  for (; T > 0; T--) {
    cin >> s;
    st.clear();
    bool ok = true;
    for (char c : s) {
      if (c == '(') st += ')';
      else if (c == '[') st += ']';
      else if (!st.empty() && st.back() == c) st.pop_back();
      else { ok = false; break; }
    }
    puts(ok && st.empty() ? "Yes" : "No");
  }
}
