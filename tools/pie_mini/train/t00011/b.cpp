#include <bits/stdc++.h>
using namespace std;
int main(){
    int n,a,b; cin>>n>>a>>b;
    long long ans=0;
    for(int i=1;i<=n;i++){
        string s=to_string(i);
        int d=0;
        for(int j=0;j<(int)s.size();j++) d+=s.at(j)-'0';
        if(d>=a&&d<=b) ans+=i;
    }
    cout<<ans<<endl;
}
