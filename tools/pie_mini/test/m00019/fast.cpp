#include <iostream>
#include <iomanip>
using namespace std;

int main() {
    ios::sync_with_stdio(false);
    cin.tie(nullptr);
    int n;
    cin >> n;
    double px, py, x, y, area = 0;
    cin >> px >> py;
    for (int i = 1; i < n; i++) {
        cin >> x >> y;
        area += (x - px) * (y + py) * 0.5;
        px = x;
        py = y;
    }
    cout << fixed << setprecision(8) << area << '\n';
}
