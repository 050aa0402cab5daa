#include <cstdio>
int a[100000];
int main(){
	int n;
	scanf("%d",&n);
	for(int i=0;i<n;i++) scanf("%d",a+i);
	for(int i=1;i<n;i++){
		int v=a[i], j=i-1;
		while(j>=0&&a[j]>v){ a[j+1]=a[j]; j--; }
		a[j+1]=v;
	}
	for(int i=0;i<n;i++) printf("%s%d",i?" ":"",a[i]);
	printf("\n");
}
