#include <bits/stdc++.h>
using namespace std;
int main(){
    int n,m; cin>>n>>m;
    vector<vector<bool>> adj(n,vector<bool>(n,false));
    for(int i=0;i<m;i++){
        int a,b; cin>>a>>b; a--; b--;
        adj[a][b]=adj[b][a]=true;
    }
    vector<int> d(n,-1);
    queue<int> q; q.push(0); d[0]=0;
    while(!q.empty()){
        int v=q.front(); q.pop();
        for(int u=0;u<n;u++) if(adj[v][u]&&d[u]==-1){ d[u]=d[v]+1; q.push(u); }
    }
    for(int i=0;i<n;i++) cout<<d[i]<<endl;
}
