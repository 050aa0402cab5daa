#include <iostream>
#include <string>
#include <map>
using namespace std;

int main()
{
	int n;
	cin >> n;
	map<string, int> cnt;
	for (int i = 0; i < n; i++) {
		string s;
		cin >> s;
		if (cnt.count(s) == 0) cnt[s] = 1;
		else cnt[s]++;
	}
	for (map<string, int>::iterator it = cnt.begin(); it != cnt.end(); it++) {
		cout << it->first << " " << it->second << endl;
	}
	return 0;
}
