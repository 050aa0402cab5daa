#include <iostream>
#include <map>
using namespace std;

int main() {
    int h, w;
    cin >> h >> w;
    map<pair<int, int>, int> cell;
    for (int i = 0; i < h; i++)
        for (int j = 0; j < w; j++)
            cin >> cell[make_pair(j, i)];
    for (int j = 0; j < w; j++) {
        for (int i = 0; i < h; i++) {
            if (i > 0) cout << " " << flush;
            cout << cell[make_pair(j, i)];
        }
        cout << endl;
    }
}
