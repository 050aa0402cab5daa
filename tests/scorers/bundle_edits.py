"""Altering a bundle and packing it again with hashes that fit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sandbox.types import sha256
from scorers.submission import open_bundle
from scorers.submission.aggregates import aggregate, plain_figures
from scorers.submission.archive import read_archive, write_archive

JSON = ("manifest.json", "figures.json")
Content = dict[str, Any]
"""Parsed members: an object, or the list of a file's lines."""


def parse(path: Path) -> Content:
    """A bundle's members, parsed."""
    members = read_archive(path)
    return {
        name: json.loads(text) if name in JSON else [json.loads(line) for line in text.splitlines()]
        for name, text in members.items()
    }


def repack(content: Content, path: Path) -> None:
    """Write altered content, with hashes that fit it."""
    files = {
        name: b"".join(json_line(one) for one in ([value] if name in JSON else value))
        for name, value in content.items()
        if name != "manifest.json"
    }
    content["manifest.json"]["files"] = {
        name: {"sha256": sha256(text), "bytes": len(text)} for name, text in files.items()
    }
    write_archive(path, {"manifest.json": json_line(content["manifest.json"]), **files})


def json_line(value: Any) -> bytes:
    """Canonical JSON, as bundles have it."""
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def accepted_line(content: Content) -> Content:
    """A verdict line of an accepted candidate that is clearly faster."""
    lines = content["verdicts.jsonl"]
    return next(
        line for line in lines if line["pie_compat"]["verdict"] == "accepted" and line["pie_compat"]["speedup"] > 1.1
    )


def figures_again(content: Content, path: Path) -> None:
    """Bring the aggregates in line with altered verdicts, as a careful forger would."""
    repack(content, path)
    run = open_bundle(path).run()
    content["figures.json"] = plain_figures(aggregate(run.scores, run.responses))


def edit_test_ticks(content: Content) -> None:
    """Tests, sum and speedup all halved; the digest of the tests stays."""
    line = accepted_line(content)
    source = next(one for one in content["sources.jsonl"] if one["task_id"] == line["task_id"])
    for checker in ("pie_compat", "strict"):
        line[checker]["test_ticks"] = [ticks // 2 for ticks in line[checker]["test_ticks"]]
        line[checker]["ticks"] = sum(line[checker]["test_ticks"])
        line[checker]["speedup"] = source[checker]["ticks"] / line[checker]["ticks"]


def digest_of_tests(line: Content) -> str:
    """What ``tests_sha256`` must be."""
    tests = [[line[name]["test_ticks"], line[name]["test_faults"]] for name in ("pie_compat", "strict")]
    return sha256(json_line(tests))
