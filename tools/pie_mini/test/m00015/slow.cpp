#include<iostream>
#include<vector>
using namespace std;

long long gcd(long long a, long long b){
    if(b==0) return a;
    return gcd(b,a%b);
}

int main(){
    int n;
    cin>>n;
    vector<long long> v(n);
    for(int i=0;i<n;i++){
        cin>>v[i];
    }
    long long ans=v[0];
    for(int i=1;i<n;i++){
        ans=gcd(ans,v[i]);
    }
    cout<<ans<<endl;
    return 0;
}
