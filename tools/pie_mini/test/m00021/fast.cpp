#include <bits/stdc++.h>
using namespace std;
int a[1000005], q[1000005];
int main(){
    ios::sync_with_stdio(0); cin.tie(0);
    int n,k; cin>>n>>k;
    int h=0,t=0;
    for(int i=0;i<n;i++){
        cin>>a[i];
        while(h<t && a[q[t-1]]<=a[i]) t--;
        q[t++]=i;
        if(q[h]<=i-k) h++;
        if(i>=k-1) cout<<a[q[h]]<<' ';
    }
    cout<<'\n';
}
