#include <iostream>
using namespace std;
int main(){
	int q,a,b;
	cin>>q;
	while(q--){
		cin>>a>>b;
		int i=min(a,b);
		while(!(a%i==0&&b%i==0)) i--;
		cout<<i<<endl;
	}
}
