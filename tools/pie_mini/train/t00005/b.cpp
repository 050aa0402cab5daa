#include <bits/stdc++.h>
using namespace std;
const int INF = 1e9;
int main(){
    int n,m; cin>>n>>m;
    vector<int> c(n);
    for(auto &x:c) cin>>x;
    vector<vector<int>> dp(n+1, vector<int>(m+1, INF));
    dp[0][0]=0;
    for(int i=0;i<n;i++){
        for(int j=0;j<=m;j++){
            dp[i+1][j]=dp[i][j];
            if(j>=c[i]) dp[i+1][j]=min(dp[i+1][j], dp[i+1][j-c[i]]+1);
        }
    }
    cout<<(dp[n][m]>=INF?-1:dp[n][m])<<endl;
}
