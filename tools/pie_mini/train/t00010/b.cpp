#include <iostream>
using namespace std;
int main(){
    int n;
    cin>>n;
    cout<<n<<":";
    int x=n;
    for(int i=2;i<=n;i++){
        while(x%i==0){
            cout<<" "<<i;
            x/=i;
        }
    }
    cout<<endl;
}
