#include <iostream>
#include <iomanip>
#include <vector>
#include <cmath>
using namespace std;

double mean(vector<double> v) {
    double s = 0;
    for (int i = 0; i < (int)v.size(); i++) s += v[i];
    return s / v.size();
}

int main() {
    int n;
    cin >> n;
    vector<double> v(n);
    for (int i = 0; i < n; i++) cin >> v[i];
    double var = 0;
    for (int i = 0; i < n; i++) {
        var += pow(v[i] - mean(v), 2);
    }
    cout << fixed << setprecision(6);
    cout << mean(v) << " " << sqrt(var / n) << endl;
    cout << mean(v) << endl;
    cout << sqrt(var / n) << endl;
    return 0;
}
