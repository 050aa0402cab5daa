"""A tiny data set in the official layout, recorded generations for it, and real framework processes to run on them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from tests.pie_tasks.frameworks.tiny_split import FAST, PAIRS, SLOW, Run, answers


@pytest.fixture(scope="session")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """``test.jsonl`` and ``merged_test_cases`` with three pairs of two problems."""
    folder = tmp_path_factory.mktemp("official")
    rows = []
    for number in range(PAIRS):
        factor = number % 2 + 1
        problem = f"p0000{factor}"
        rows.append(
            {
                "problem_id": problem,
                "src_id": f"s{number}",
                "tgt_id": f"t{number}",
                "src_code": SLOW.replace("@", str(factor)) + f"// {number}\n",
                "tgt_code": FAST.replace("@", str(factor)),
                "tests": ["0", "1"],
            }
        )
        tests = folder / "merged_test_cases" / problem
        tests.mkdir(parents=True, exist_ok=True)
        for test, n in enumerate((1000, 30000)):
            (tests / f"input.{test}.txt").write_text(f"{n} SECRET\n")
            (tests / f"output.{test}.txt").write_text(f"{n * (n + 1) // 2 * factor}\n")
    (folder / "test.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


@pytest.fixture(scope="session")
def generations(data_dir: Path) -> Path:
    """Recorded generations of every pair, in the published form."""
    path = data_dir / "generations.jsonl"
    with (data_dir / "test.jsonl").open() as rows, path.open("w") as file:
        for line in rows:
            row = json.loads(line)
            row["generated_answers"] = answers(int(row["problem_id"][-1]))
            file.write(json.dumps(row) + "\n")
    return path


@pytest.fixture(scope="session")
def environment(data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Environment of all framework processes: the tiny split, a store of its own, no network."""
    private = tmp_path_factory.mktemp("private")
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith(("PIE_", "INSPECT_", "OPENAI_"))},
        "PIE_DATA_DIR": str(data_dir),
        "PIE_SPLIT": "pie_test",
        "PIE_CACHE_DIR": str(private / "cache"),
        "PIE_STORE": str(private / "store.sqlite"),
        **{name: os.environ[name] for name in ("PIE_TOOLCHAINS_DIR", "PIE_TOOLCHAIN") if name in os.environ},
        "HF_HUB_OFFLINE": "1",
        "HF_DATASETS_OFFLINE": "1",
        "HF_HOME": str(private / "hf"),
        "INSPECT_DISPLAY": "plain",
        "NO_COLOR": "1",
        "COLUMNS": "200",
    }


@pytest.fixture(scope="session")
def run(environment: dict[str, str]) -> Run:
    """Runs a command of this Python's environment (``lm_eval``, ``inspect``, ``pie``) in a folder, to its end."""

    def start(
        command: str,
        *arguments: object,
        cwd: Path,
        env: Mapping[str, str] | None = None,
        hidden: Sequence[str] = (),
    ) -> subprocess.CompletedProcess[str]:
        view = ["bwrap", "--dev-bind", "/", "/", *hidden, "--"] if hidden else []
        return subprocess.run(
            [*view, Path(sys.executable).with_name(command), *map(str, arguments)],
            cwd=cwd,
            env={**environment, **(env or {})},
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )

    return start
