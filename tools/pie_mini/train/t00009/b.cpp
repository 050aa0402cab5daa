#include <bits/stdc++.h>
using namespace std;
string s,t;
int memo[1010][1010];
int rec(int i,int j){
    if(i==(int)s.size()||j==(int)t.size()) return 0;
    if(memo[i][j]!=-1) return memo[i][j];
    if(s[i]==t[j]) return memo[i][j]=rec(i+1,j+1)+1;
    return memo[i][j]=max(rec(i+1,j),rec(i,j+1));
}
int main(){
    cin>>s>>t;
    for(int i=0;i<1010;i++) for(int j=0;j<1010;j++) memo[i][j]=-1;
    cout<<rec(0,0)<<endl;
}
