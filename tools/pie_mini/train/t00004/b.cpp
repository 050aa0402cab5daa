#include <bits/stdc++.h>
using namespace std;
int main(){
    string a,b; cin>>a>>b;
    multiset<char> x(a.begin(),a.end()), y(b.begin(),b.end());
    cout<<(x==y?"YES":"NO")<<endl;
}
