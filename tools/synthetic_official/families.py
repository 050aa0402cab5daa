"""Families of small problems: a slow, a better and a fast C++ program each, and tests from a Python reference.

A family makes as many different problems as it has constants, so that the official layout can be had in its real size.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

Test = tuple[str, str]
"""Input and expected output."""


@dataclass(frozen=True)
class Problem:
    """One problem.

    Attributes:
        programs: Slow, better, fast.
        make_test: Makes a test; tests of one problem may repeat, as official ones do.
    """

    programs: tuple[str, str, str]
    make_test: Callable[[random.Random], Test]


def _problem(constants: dict[str, int], programs: tuple[str, str, str], make_test: Callable[..., Test]) -> Problem:
    filled = []
    for program in programs:
        for name, value in constants.items():
            program = program.replace(f"@{name}", str(value))  # noqa: PLW2901
        filled.append(program.strip() + "\n")
    return Problem((filled[0], filled[1], filled[2]), lambda rng: make_test(rng, **constants))


def _numbers(rng: random.Random, count: int, top: int) -> list[int]:
    return [rng.randint(0, top) for _ in range(count)]


def _listed(values: list[int]) -> str:
    return f"{len(values)}\n{' '.join(map(str, values))}\n"


def series(rng: random.Random) -> Problem:
    """Sum of a·i + b for i up to n, modulo m."""

    def test(rng: random.Random, a: int, b: int, m: int) -> Test:
        n = rng.randint(1, 20000)
        return f"{n}\n", f"{sum(a * i + b for i in range(1, n + 1)) % m}\n"

    return _problem(
        {"a": rng.randint(2, 99), "b": rng.randint(2, 99), "m": rng.choice([997, 9973, 100003])},
        (
            """
#include <iostream>
using namespace std;
long long term(long long i) { return @a * i + @b; }
int main() {
    long long n, total = 0;
    cin >> n;
    for (long long i = 1; i <= n; i++) {
        total = (total + term(i)) % @m;
    }
    cout << total % @m << endl;
    return 0;
}
""",
            """
#include <cstdio>
int main() {
    long long n, total = 0;
    if (scanf("%lld", &n) != 1) return 1;
    for (long long i = 1; i <= n; i++) total += @a * i + @b;
    printf("%lld\\n", total % @m);
}
""",
            """
#include <cstdio>
int main() {
    long long n;
    if (scanf("%lld", &n) != 1) return 1;
    long long half = n * (n + 1) / 2;
    printf("%lld\\n", (@a * half + @b * n) % @m);
}
""",
        ),
        test,
    )


def pairs(rng: random.Random) -> Problem:
    """Number of pairs that differ by d."""

    def test(rng: random.Random, d: int) -> Test:
        values = _numbers(rng, rng.randint(1, 120), 60)
        count = sum(abs(a - b) == d for i, a in enumerate(values) for b in values[:i])
        return _listed(values), f"{count}\n"

    return _problem(
        {"d": rng.randint(1, 40)},
        (
            """
#include <iostream>
#include <vector>
#include <cstdlib>
using namespace std;
int main() {
    int n;
    cin >> n;
    vector<int> v(n);
    for (int i = 0; i < n; i++) cin >> v[i];
    int found = 0;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            if (i < j && abs(v[i] - v[j]) == @d) found++;
    cout << found << endl;
}
""",
            """
#include <cstdio>
#include <map>
int main() {
    int n, x;
    long found = 0;
    std::map<int, int> seen;
    if (scanf("%d", &n) != 1) return 1;
    while (n-- && scanf("%d", &x) == 1) {
        found += seen[x - @d] + seen[x + @d];
        seen[x]++;
    }
    printf("%ld\\n", found);
}
""",
            """
#include <cstdio>
static int seen[1024];
int main() {
    int n, x;
    long found = 0;
    if (scanf("%d", &n) != 1) return 1;
    for (int i = 0; i < n; i++) {
        if (scanf("%d", &x) != 1) return 1;
        x += 128;
        found += seen[x - @d] + seen[x + @d];
        seen[x]++;
    }
    printf("%ld\\n", found);
}
""",
        ),
        test,
    )


def letters(rng: random.Random) -> Problem:
    """Weighted count of two letters in a word."""

    def test(rng: random.Random, p: int, q: int) -> Test:
        word = "".join(rng.choice("abcxyz") for _ in range(rng.randint(1, 300)))
        return f"{word}\n", f"{p * word.count('a') + q * word.count('x')}\n"

    return _problem(
        {"p": rng.randint(2, 200), "q": rng.randint(2, 200)},
        (
            """
#include <iostream>
#include <string>
#include <sstream>
using namespace std;
int count_of(string word, char letter) {
    int count = 0;
    for (size_t i = 0; i < word.size(); i++) if (word.substr(i, 1) == string(1, letter)) count++;
    return count;
}
int main() {
    string line;
    getline(cin, line);
    stringstream stream(line);
    string word;
    stream >> word;
    cout << @p * count_of(word, 'a') + @q * count_of(word, 'x') << endl;
}
""",
            """
#include <iostream>
#include <string>
#include <algorithm>
int main() {
    std::ios::sync_with_stdio(false);
    std::string word;
    std::cin >> word;
    std::cout << @p * std::count(word.begin(), word.end(), 'a') + @q * std::count(word.begin(), word.end(), 'x') << '\\n';
}
""",
            """
#include <stdio.h>
int main(void) {
    long total = 0;
    for (int c = getchar(); c > ' '; c = getchar()) {
        if (c == 'a') total += @p;
        else if (c == 'x') total += @q;
    }
    printf("%ld\\n", total);
    return 0;
}
""",
        ),
        test,
    )


def queries(rng: random.Random) -> Problem:
    """Sums of ranges, scaled."""

    def test(rng: random.Random, k: int) -> Test:
        values = _numbers(rng, rng.randint(1, 100), 1000)
        asked = []
        for _ in range(rng.randint(1, 60)):
            low = rng.randrange(len(values))
            asked.append((low, rng.randrange(low, len(values))))
        lines = "".join(f"{low} {high}\n" for low, high in asked)
        answers = "".join(f"{k * sum(values[low : high + 1])}\n" for low, high in asked)
        return f"{_listed(values)}{len(asked)}\n{lines}", answers

    return _problem(
        {"k": rng.randint(2, 500)},
        (
            """
#include <bits/stdc++.h>
using namespace std;
int main() {
    int n; cin >> n;
    vector<long long> data;
    for (int i = 0; i < n; ++i) { long long value; cin >> value; data.push_back(value); }
    int q; cin >> q;
    while (q--) {
        int low, high; cin >> low >> high;
        long long answer = 0;
        for (int i = low; i <= high; ++i) answer += data[i] * @k;
        cout << answer << endl;
    }
}
""",
            """
#include <bits/stdc++.h>
using namespace std;
int main() {
    ios::sync_with_stdio(false); cin.tie(nullptr);
    int n; cin >> n;
    vector<long long> before(n + 1, 0);
    for (int i = 0; i < n; ++i) { long long value; cin >> value; before[i + 1] = before[i] + value; }
    int q; cin >> q;
    for (; q > 0; --q) { int low, high; cin >> low >> high; cout << (before[high + 1] - before[low]) * @k << '\\n'; }
}
""",
            """
#include <cstdio>
long long before[200000];
int main() {
    int n, q, low, high;
    scanf("%d", &n);
    for (int i = 1; i <= n; i++) { scanf("%lld", before + i); before[i] += before[i - 1]; }
    scanf("%d", &q);
    while (q-- > 0) { scanf("%d%d", &low, &high); printf("%lld\\n", (before[high + 1] - before[low]) * @k); }
    return 0;
}
""",
        ),
        test,
    )


def recurrence(rng: random.Random) -> Problem:
    """f(n) = a·f(n-1) + b·f(n-2), modulo m."""

    def test(rng: random.Random, a: int, b: int, m: int) -> Test:
        n = rng.randint(0, 19)
        f, g = 1, 1
        for _ in range(n):
            f, g = g, (a * g + b * f) % m
        return f"{n}\n", f"{f}\n"

    return _problem(
        {"a": rng.randint(1, 60), "b": rng.randint(1, 60), "m": rng.choice([1009, 10007, 1000003])},
        (
            """
#include <iostream>
int f(int n) {
    if (n < 2) return 1;
    return (@a * (long long)f(n - 1) + @b * (long long)f(n - 2)) % @m;
}
int main() {
    int n;
    std::cin >> n;
    std::cout << f(n) << std::endl;
}
""",
            """
#include <iostream>
#include <vector>
int main() {
    int n;
    std::cin >> n;
    std::vector<long long> table(n + 2, 1);
    for (int i = 2; i <= n; i++) table[i] = (@a * table[i - 1] + @b * table[i - 2]) % @m;
    std::cout << table[n] << std::endl;
}
""",
            """
#include <cstdio>
int main() {
    int n;
    if (scanf("%d", &n) != 1) return 1;
    long long last = 1, now = 1;
    while (n-- > 0) { long long next = (@a * now + @b * last) % @m; last = now; now = next; }
    printf("%lld\\n", last);
}
""",
        ),
        test,
    )


def divisors(rng: random.Random) -> Problem:
    """Weighted number of divisors."""

    def test(rng: random.Random, w: int) -> Test:
        n = rng.randint(1, 20000)
        return f"{n}\n", f"{w * sum(n % d == 0 for d in range(1, n + 1))}\n"

    return _problem(
        {"w": rng.randint(2, 900)},
        (
            """
#include <iostream>
#include <set>
int main() {
    int number;
    std::cin >> number;
    std::set<int> found;
    for (int d = 1; d <= number; d++)
        if (number % d == 0) found.insert(d);
    std::cout << found.size() * @w << std::endl;
}
""",
            """
#include <cstdio>
int main() {
    int number, found = 0;
    if (scanf("%d", &number) != 1) return 1;
    for (int d = 1; d <= number; d++) found += number % d == 0;
    printf("%d\\n", found * @w);
}
""",
            """
#include <cstdio>
int main() {
    int number, found = 0;
    if (scanf("%d", &number) != 1) return 1;
    for (int d = 1; d * d <= number; d++)
        if (number % d == 0) found += d * d == number ? 1 : 2;
    printf("%d\\n", found * @w);
}
""",
        ),
        test,
    )


def best_run(rng: random.Random) -> Problem:
    """Greatest sum of a run of neighbours after subtracting s from each."""

    def test(rng: random.Random, s: int) -> Test:
        values = _numbers(rng, rng.randint(1, 90), 200)
        best, now = -(10**9), 0
        for value in values:
            now = max(now, 0) + value - s
            best = max(best, now)
        return _listed(values), f"{best}\n"

    return _problem(
        {"s": rng.randint(20, 160)},
        (
            """
#include <iostream>
#include <vector>
#include <algorithm>
using namespace std;
int main() {
    size_t n;
    cin >> n;
    vector<int> a(n);
    for (auto &x : a) { cin >> x; x -= @s; }
    int best = -1000000000;
    for (size_t i = 0; i < n; i++)
        for (size_t j = i; j < n; j++) {
            int sum = 0;
            for (size_t k = i; k <= j; k++) sum += a[k];
            best = max(best, sum);
        }
    cout << best << endl;
}
""",
            """
#include <iostream>
#include <algorithm>
using namespace std;
int main() {
    int n, x, now = 0, best = -1000000000;
    cin >> n;
    for (int i = 0; i < n; i++) { cin >> x; now = max(now, 0) + x - @s; best = max(best, now); }
    cout << best << endl;
}
""",
            """
#include <cstdio>
int main() {
    int n, x, now = 0, best = -1000000000;
    if (scanf("%d", &n) != 1) return 1;
    while (n-- > 0) {
        if (scanf("%d", &x) != 1) return 1;
        now = (now > 0 ? now : 0) + x - @s;
        if (now > best) best = now;
    }
    printf("%d\\n", best);
}
""",
        ),
        test,
    )


TEST_FAMILIES = (series, pairs)
VALIDATION_FAMILIES = (letters,)
TRAINING_FAMILIES = (queries, recurrence, divisors, best_run)
"""No family serves two splits: programs of one family resemble each other, which the leakage check would rightly find."""
