"""Whole runs made of arithmetic: no program is compiled, yet every verdict agrees with its tests."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sandbox.store.sqlite import describe
from sandbox.types import Status, TestResult, Verdict, sha256
from scorers.evaluate import speedup
from scorers.extract import extract_code
from scorers.submission import About, Run, SplitFacts
from scorers.types import CandidateScore, PairScore

ENGINE = {"engine": "cachegrind 3.19", "model": "synthetic", "toolchain": "abc"}
FINGERPRINT = {**ENGINE, "sha256": hashlib.sha256(describe(ENGINE).encode()).hexdigest()}
SPLIT_SHA256 = sha256(b"synthetic split")

_BODY = """\
#include <bits/stdc++.h>
using namespace std;

// problem {problem}, variant {variant}
static long long table[{size}];

int main() {{
    int n;
    {read};
    long long total = 0;
    for (int i = 1; i <= n; ++i) {{
        {inner}
        table[i % {size}] = total ^ (i * {variant}LL);
        if (total > 1000000007LL) {{
            total -= 1000000007LL;
        }}
    }}
    {write};
    return 0;
}}
"""


def program(problem: int, variant: int, fast: bool) -> str:
    """A C++ program of the usual size."""
    return _BODY.format(
        problem=problem,
        variant=variant,
        size=1000 + problem,
        read='if (scanf("%d", &n) != 1) return 1' if fast else "cin >> n",
        write='printf("%lld\\n", total)' if fast else "cout << total << endl",
        inner="total += i;"
        if fast
        else "for (int j = 0; j < i; ++j) {\n            total += (j == i - 1) ? i : 0;\n        }",
    )


def synthetic_run(
    pairs: int = 12, k: int = 4, problems: int = 5, tests: int = 3, *, seed: int = 1, luck: float = 0.5, **about: Any
) -> tuple[Run, SplitFacts]:
    """A run and its split. The split depends on the sizes alone; ``seed`` and ``luck`` decide how the model did.

    Args:
        pairs: Number of pairs.
        k: Samples of each.
        problems: Number of problems.
        tests: Tests of each pair.
        seed: Of the model's answers.
        luck: Share of the samples that are faster.
        **about: Fields of the run's description.
    """
    data, model = random.Random(pairs * 1000 + problems), random.Random(seed)
    owners = sorted(int(problems * data.random() ** 2) for _ in range(pairs))
    names = tuple(str(number) for number in range(tests))
    scores, responses, sources, owned = [], [], {}, {}
    for number, owner in enumerate(owners):
        pair_id, problem_id = f"p{owner:05d}_s{number}_t{number}", f"p{owner:05d}"
        owned[pair_id], sources[pair_id] = problem_id, program(owner, number, fast=False)
        times = [data.randrange(900_000_000, 1_100_000_000) for _ in names]
        source = _verdict(names, times, sources[pair_id])
        texts, candidates = [], []
        for sample in range(k):
            text, candidate = _candidate(
                model, owner, number * 100 + sample, sources[pair_id], names, times, source, luck
            )
            texts.append(text)
            candidates.append(candidate)
        scores.append(PairScore(pair_id, problem_id, {"pie_compat": source, "strict": source}, tuple(candidates)))
        responses.append(tuple(texts))
    facts = SplitFacts("pie_mini", SPLIT_SHA256, owned, sources)
    base = About(
        model="synthetic",
        split="pie_mini",
        split_sha256=SPLIT_SHA256,
        strategy="instruct",
        k=k,
        fingerprint=FINGERPRINT,
        engine="cachegrind",
        toolchain="host",
        isolation="bubblewrap",
        date="2026-01-02T03:04:05+00:00",
    )
    return Run(replace(base, **about), tuple(scores), tuple(responses)), facts


def _candidate(  # noqa: PLR0917
    model: random.Random,
    owner: int,
    variant: int,
    source_code: str,
    names: tuple[str, ...],
    times: list[int],
    source: Verdict,
    luck: float,
) -> tuple[str, CandidateScore]:
    draw, fast = model.random(), model.random() < luck
    text = f"Here is a faster program.\n\n```cpp\n{program(owner, variant, fast)}```\n"
    if draw < 0.04:
        text = "I can't make this program any faster."
    code = extract_code(text, source_code)
    factor = model.lognormvariate(1.2, 0.8) if fast else model.choice([1.0, 1.02, 0.9])
    taken = [max(1, round(time / factor)) for time in times]
    verdict = _verdict(names, taken, code)
    if code is None:
        verdict = Verdict(Status.NO_CODE, False, None)
    elif draw < 0.14:
        verdict = Verdict(
            Status.COMPILE_ERROR, False, None, (), "prog.cpp:7:5: error: 'reed' was not declared in this scope"
        )
    elif draw < 0.28:
        wrong = TestResult(names[1], Status.WRONG_ANSWER, None, 0.5)
        done = (TestResult(names[0], Status.ACCEPTED, taken[0], 1.0), wrong)
        message = f"test {names[1]}: wrong output"
        verdict = Verdict(Status.WRONG_ANSWER, False, None, done, message, verdict.binary_sha256)
    verdicts: Mapping[str, Verdict] = {"pie_compat": verdict, "strict": verdict}
    return text, CandidateScore(code, verdicts, {name: speedup(source, one) for name, one in verdicts.items()})


def _verdict(names: tuple[str, ...], times: list[int], code: str | None) -> Verdict:
    results = tuple(TestResult(name, Status.ACCEPTED, time, 1.0) for name, time in zip(names, times, strict=True))
    return Verdict(Status.ACCEPTED, True, sum(times), results, "", sha256((code or "").encode()))
