#include <cstdio>
int main(){
	int t,n,k,i,r;
	for(scanf("%d",&t);t;t--){
		scanf("%d%d",&n,&k);
		r=0;
		for(i=2;i<=n;i++)r=(r+k)%i;
		printf("%d\n",r+1);
	}
	return 0;
}
