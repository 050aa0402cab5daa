#include <iostream>
#include <queue>
#include <string>
using namespace std;
int dist[1005][1005];
string s[1005];
int main(){
    int h,w,d; cin>>h>>w>>d;
    for(int i=0;i<h;i++) cin>>s[i];
    queue<pair<int,int>> q;
    q.push({0,0});
    dist[0][0]=1;
    int ans=0;
    const int dy[]={0,1,0,-1}, dx[]={1,0,-1,0};
    while(!q.empty()){
        auto [y,x]=q.front(); q.pop();
        ans++;
        if(dist[y][x]>d) continue;
        for(int k=0;k<4;k++){
            int ny=y+dy[k], nx=x+dx[k];
            if(ny<0||nx<0||ny>=h||nx>=w||s[ny][nx]=='#'||dist[ny][nx]) continue;
            dist[ny][nx]=dist[y][x]+1;
            q.push({ny,nx});
        }
    }
    cout<<ans<<endl;
}
