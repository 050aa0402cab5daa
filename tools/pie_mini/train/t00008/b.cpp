#include <bits/stdc++.h>
#define rep(i,n) for(int i=0;i<n;i++)
using namespace std;
int main(){
    int n; cin>>n;
    vector<int> a(n);
    rep(i,n) cin>>a[i];
    rep(i,n){
        int j=i+1;
        while(j<n && a[j]<=a[i]) j++;
        cout<<(j<n?a[j]:-1)<<endl;
    }
}
