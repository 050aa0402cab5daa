#include <bits/stdc++.h>
using namespace std;
#define MOD 1000000007
int main(){
    int t; cin>>t;
    for(int i=0;i<t;i++){
        int n; cin>>n;
        long long f=1;
        for(int j=1;j<=n;j++){
            f=f*j;
            f=f%MOD;
        }
        cout<<f<<endl;
    }
}
