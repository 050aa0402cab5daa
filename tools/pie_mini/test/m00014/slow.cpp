#include <iostream>
#include <string>
using namespace std;

int main() {
    int a, b, c;
    string s;
    cin >> a;
    cin >> b >> c;
    cin >> s;
    cout << a + b + c << " " << max(a, b) << " " << s << endl;
    return 0;
}
