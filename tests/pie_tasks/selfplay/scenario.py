"""A small self-play run with one program of every fate: what the two models answer, recorded.

The one seed problem is ``m00001`` of ``pie_mini``: n and k, then n numbers.
"""

from __future__ import annotations

import json
from pathlib import Path

from pie_tasks.dataset import load_split
from pie_tasks.selfplay.seeds import fastest_programs
from tests.pie_tasks.training.plant import recommented, reformatted, renamed

HEAD = """#include <iostream>
#include <vector>
using namespace std;
int main() {
    long long n, k;
    cin >> n >> k;
    vector<long long> values(n);
    for (auto &value : values) cin >> value;
"""

NOVEL = (
    HEAD
    + """    long long distinct = 0;
    for (int round = 0; round < 96; round++) {
        distinct = 0;
        for (int i = 0; i < n; i++) {
            bool first = true;
            for (int j = 0; j < i; j++)
                if ((values[i] ^ k) == (values[j] ^ k)) first = false;
            if (first) distinct += i + 1;
        }
    }
    cout << distinct << endl;
}
"""
)
"""Sum of the places at which a value occurs first: new, and slow."""

FAST = """#include <cstdio>
#include <unordered_set>
int main() {
    long long n, k, value, total = 0;
    if (scanf("%lld %lld", &n, &k) != 2) return 1;
    std::unordered_set<long long> seen;
    for (long long i = 1; i <= n; i++) {
        if (scanf("%lld", &value) != 1) return 1;
        if (seen.insert(value).second) total += i;
    }
    printf("%lld\\n", total);
}
"""

SECOND = NOVEL.replace("distinct += i + 1;", "distinct += 3 * (i + 1) + 1;")
"""Another new program."""

SAME_OUTPUTS = (
    HEAD
    + """    long long answer = 0;
    vector<long long> before;
    for (long long place = n; place >= 1; place--) {
        long long value = values[place - 1];
        int earlier = 0;
        for (long long other = 1; other < place; other++) earlier += values[other - 1] == value;
        answer += earlier == 0 ? place : 0;
    }
    cout << answer << endl;
}
"""
)
"""Written differently, prints what NOVEL prints."""


def known() -> str:
    """A program that solves the seed problem itself, in a way that no bundled program has."""
    return (
        HEAD
        + """    long long pairs = 0;
    size_t left = 0;
    while (left < values.size()) {
        size_t right = values.size() - 1;
        while (right > left) {
            pairs += values[right] == k - values[left] ? 1 : 0;
            right -= 1;
        }
        left += 1;
    }
    cout << pairs << endl;
}
"""
    )


def sampled() -> dict[str, tuple[str, str | None]]:
    """Program's id -> what the first model answers, and why it must be dropped."""
    copied = fastest_programs(load_split("pie_mini"))["m00001"]
    tail = NOVEL[len(HEAD) :]
    programs: list[tuple[str, str | None]] = [
        (NOVEL, None),
        (recommented(reformatted(renamed(NOVEL))), "repeated"),
        (SAME_OUTPUTS, "duplicate"),
        (renamed(copied), "copied"),
        (known(), "known"),
        (NOVEL.replace("cout << distinct", "cout << distnct"), "compile_error"),
        (HEAD + "    cout << values.at(n + k * k + 1) << endl;\n}\n", "fails"),
        (HEAD + "    cout << 42 << endl;\n}\n", "ignores_input"),
        (HEAD + "    cout << n << ' ' << (long long)&n % 1000003 << endl;\n}\n", "unstable"),
        ("I can't think of any.", "no_code"),
        (SECOND, None),
        (HEAD + _dead_code() + tail.replace("i + 1;", "i + 2;"), "low_coverage"),
    ]
    return {f"g{number:05}": program for number, program in enumerate(programs)}


def _dead_code() -> str:
    lines = "\n".join(f"        cout << {number} << endl;" for number in range(60))
    return f"    if (n == -12345) {{\n{lines}\n    }}\n"


def proposals() -> dict[str, list[tuple[str, str | None]]]:
    """New program's id -> what the second model answers, and why it must be dropped."""
    variants = [
        FAST.replace("total += i", f"total += i + {number} - {number}").replace(
            "seen;", f"seen; seen.reserve({number}9);"
        )
        for number in range(1, 5)
    ]
    first: list[tuple[str, str | None]] = [
        (FAST, None),
        (NOVEL, "repeated"),
        (recommented(renamed(FAST)), "repeated"),
        (FAST.replace("total += i;", "total += i + 1;"), "wrong_answer"),
        (NOVEL.replace("round < 96", "round < 95"), "too_slow"),
        (FAST.replace("long long n,", "long n,, "), "compile_error"),
        (
            FAST.replace('printf("', 'std::abort(); printf("').replace("<cstdio>", "<cstdio>\n#include <cstdlib>"),
            "runtime_error",
        ),
        ("No.", "no_code"),
    ]
    second: list[tuple[str, str | None]] = [
        (variant.replace("total += i", "total += 3 * i + 1"), None) for variant in variants
    ]
    return {"g00000": first, "g00010": [*second, *[("No.", "no_code")] * 4]}


def write_recordings(folder: Path) -> tuple[Path, Path]:
    """Files of answers for the replay model: of the first model, of the second."""
    paths = folder / "first.jsonl", folder / "second.jsonl"
    answers = [
        {name: [_answer(text)] for name, (text, _) in sampled().items()},
        {name: [_answer(text) for text, _ in texts] for name, texts in proposals().items()},
    ]
    for path, recorded in zip(paths, answers, strict=True):
        lines = [{"task_id": name, "generated_answers": texts} for name, texts in recorded.items()]
        path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return paths


def _answer(text: str) -> str:
    return f"Here is the program:\n```cpp\n{text}```\n" if "main" in text else text
