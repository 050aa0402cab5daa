#include <iostream>
using namespace std;
int r[200000];
int main(){
    int n; cin>>n;
    for(int i=0;i<n;i++) cin>>r[i];
    int ans=-2000000000;
    for(int i=0;i<n;i++)
        for(int j=i+1;j<n;j++)
            ans=max(ans,r[j]-r[i]);
    cout<<ans<<endl;
}
