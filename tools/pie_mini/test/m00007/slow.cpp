#include <iostream>
#include <list>
using namespace std;

// josephus: n people in a circle, every k-th leaves
int main() {
    int t;
    cin >> t;
    while (t--) {
        int n, k;
        cin >> n >> k;
        list<int> circle;
        for (int i = 1; i <= n; i++) circle.push_back(i);
        list<int>::iterator it = circle.begin();
        while (circle.size() > 1) {
            for (int step = 1; step < k; step++) {
                ++it;
                if (it == circle.end()) it = circle.begin();
            }
            it = circle.erase(it);
            if (it == circle.end()) it = circle.begin();
        }
        cout << circle.front() << endl;
    }
    return 0;
}
