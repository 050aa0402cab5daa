#include <iostream>
#include <algorithm>
typedef long long ll;
ll v[100005];

int main()
{
	int n, l, r;
	ll k, ans = 0;
	std::ios::sync_with_stdio(false);
	std::cin >> n >> k;
	for (l = 0; l < n; ++l) std::cin >> v[l];
	std::sort(v, v + n);
	l = 0; r = n - 1;
	while (l < r) {
		ll s = v[l] + v[r];
		if (s < k) ++l;
		else if (s > k) --r;
		else if (v[l] == v[r]) {          /* everything in between is equal */
			ll c = r - l + 1;
			ans += c * (c - 1) / 2;
			break;
		} else {
			ll p = 1, q = 1;
			while (v[l + 1] == v[l]) ++l, ++p;
			while (v[r - 1] == v[r]) --r, ++q;
			ans += p * q;
			++l; --r;
		}
	}
	std::cout << ans << "\n";
	return 0;
}
