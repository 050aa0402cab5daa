#include <stdio.h>
int main(){
  int n,a,b,i,t,d;
  long long ans=0;
  scanf("%d%d%d",&n,&a,&b);
  for(i=1;i<=n;i++){
    d=0;
    for(t=i;t;t/=10)d+=t%10;
    if(a<=d&&d<=b)ans+=i;
  }
  printf("%lld\n",ans);
}
