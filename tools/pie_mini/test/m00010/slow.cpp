#include <iostream>
#include <string>
#include <algorithm>
using namespace std;

int main(){
    int n;
    cin >> n;
    string s = "";
    for(int i = 0; i < n; i++){
        char op;
        cin >> op;
        if(op == 'R'){
            reverse(s.begin(), s.end());
        }else{
            char c;
            cin >> c;
            if(op == 'F') s = c + s;     // front
            else s = s + c;              // back
        }
    }
    cout << s.size() << endl;
    cout << s << endl;
    return 0;
}
