#include <iostream>
#include <string>
using namespace std;

int main() {
    string a, b;
    cin >> a >> b;
    if (a.size() != b.size()) {
        cout << "NO" << endl;
        return 0;
    }
    for (int i = 0; i < (int)a.size(); i++) {
        int ca = 0, cb = 0;
        for (int j = 0; j < (int)a.size(); j++) {
            if (a[j] == a[i]) ca++;
            if (b[j] == a[i]) cb++;
        }
        if (ca != cb) {
            cout << "NO" << endl;
            return 0;
        }
    }
    cout << "YES" << endl;
}
