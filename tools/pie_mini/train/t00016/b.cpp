#include <bits/stdc++.h>
using namespace std;
int main(){
    string s; cin>>s;
    char best='a'; int num=-1;
    for(char c='a';c<='z';c++){
        int k=0;
        for(size_t i=0;i<s.size();i++) if(s.at(i)==c) k++;
        if(k>num){ num=k; best=c; }
    }
    cout<<best<<endl;
}
