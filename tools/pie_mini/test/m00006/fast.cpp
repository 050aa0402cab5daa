#include<bits/stdc++.h>
using namespace std;
#define all(v) (v).begin(),(v).end()
signed main(){
  cin.tie(0)->sync_with_stdio(0);
  int N;cin>>N;
  unordered_map<string,int>mp;
  mp.reserve(2*N);
  string s;
  while(N--){cin>>s;++mp[s];}
  vector<pair<string,int>>v(all(mp));
  sort(all(v));
  for(auto&p:v)cout<<p.first<<' '<<p.second<<'\n';
}
