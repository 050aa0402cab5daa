#include <iostream>
#include <iomanip>
#include <vector>
using namespace std;
#define rep(i,n) for(int i=0;i<(int)(n);i++)

int main(){
    int n,k;
    cin>>n>>k;
    vector<int> a(n);
    rep(i,n) cin>>a[i];
    cout<<fixed<<setprecision(4);
    rep(i,n-k+1){
        // average of a[i] .. a[i+k-1]
        long long sum=0;
        rep(j,k) sum+=a[i+j];
        cout<<(double)sum/k<<endl;
    }
}
