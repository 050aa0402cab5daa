#include <iostream>
#include <vector>
using namespace std;

int main(){
    int n;
    cin>>n;
    vector<long long> v;
    for(int i=0;i<n;i++){
        long long x;
        cin>>x;
        v.push_back(x);
    }
    long long s=0;
    for(int i=0;i<n;i++) s+=v[i];
    cout<<s<<endl;
    return 0;
}
