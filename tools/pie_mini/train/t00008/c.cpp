#include <iostream>
#include <stack>
#include <vector>
using namespace std;

int main() {
    int n;
    cin >> n;
    vector<int> a(n), r(n, -1);
    for (auto &x : a) cin >> x;
    stack<int> st;
    for (int i = 0; i < n; i++) {
        while (!st.empty() && a[st.top()] < a[i]) {
            r[st.top()] = a[i];
            st.pop();
        }
        st.push(i);
    }
    for (int x : r) cout << x << endl;
}
