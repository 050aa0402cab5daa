#include <bits/stdc++.h>
using namespace std;
int main(){
  string s;
  cin>>s;
  deque<char> d;
  for(char c:s) d.push_back(c);
  bool ok=true;
  while(d.size()>1){
    if(d.front()!=d.back()) ok=false;
    d.pop_front();
    d.pop_back();
  }
  cout<<(ok?"Yes":"No")<<endl;
}
