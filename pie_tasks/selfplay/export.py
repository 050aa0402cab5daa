"""Stage 5: the selected pairs as training rows with tags, and their tests in the official layout."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

from pie_tasks.dataset import PieRow, Split
from pie_tasks.dataset.tags import PUBLISHED, TagScale, tag_rows
from pie_tasks.dataset.tests import MERGED
from pie_tasks.selfplay.novel import tests_of
from pie_tasks.selfplay.optimise import new_programs
from pie_tasks.selfplay.workspace import Workspace
from pie_tasks.training.formats import official_row
from sandbox.types import SandboxError

ROWS_FILE = "train.jsonl"


def selected_rows(workspace: Workspace, scale: TagScale | None = PUBLISHED) -> list[PieRow]:
    """The selected pairs, with times of the engine that selected them and tags that follow from these.

    Args:
        workspace: The run.
        scale: Where to cut; ``None`` means the deciles of these rows.
    """
    codes = {line["id"]: line["code"] for line in new_programs(workspace)}
    best: dict[str, float] = defaultdict(lambda: float("inf"))
    rows: list[PieRow] = []
    for line in workspace.read("select"):
        if line["dropped"] is not None:
            continue
        problem_id = f"selfplay_{line['id']}"
        best[problem_id] = min(best[problem_id], line["tgt_seconds"])
        target_id = f"{line['id']}o{line['sample']}"
        rows.append(
            PieRow(
                pair_id=f"{problem_id}_{line['id']}_{target_id}",
                problem_id=problem_id,
                src_id=line["id"],
                tgt_id=target_id,
                src_code=codes[line["id"]],
                tgt_code=line["code"],
                src_agg_runtime=line["src_seconds"],
                tgt_agg_runtime=line["tgt_seconds"],
                speedup=line["src_seconds"] / line["tgt_seconds"],
            )
        )
    rows = [replace(row, fastest_agg_runtime=best[row.problem_id]) for row in rows]
    return tag_rows(rows, scale) if rows else []


def export_run(workspace: Workspace, folder: Path, scale: TagScale | None = PUBLISHED) -> Split:
    """Write the selected pairs and their tests into ``folder``, in the official layout.

    Raises:
        SandboxError: Nothing was selected, or the folder can't be written.
    """
    rows = selected_rows(workspace, scale)
    if not rows:
        raise SandboxError(f"{workspace.folder}: no pair is selected; see 'pie selfplay funnel'")
    wanted = {row.src_id for row in rows}
    try:
        for line in new_programs(workspace):
            if line["id"] not in wanted:
                continue
            tests = folder / MERGED / f"selfplay_{line['id']}"
            tests.mkdir(parents=True, exist_ok=True)
            for test in tests_of(line):
                (tests / f"input.{test.name}.txt").write_bytes(test.input)
                (tests / f"output.{test.name}.txt").write_bytes(test.expected)
        text = "".join(json.dumps(official_row(row)) + "\n" for row in rows)
        (folder / ROWS_FILE).write_text(text, encoding="utf-8")
    except OSError as error:
        raise SandboxError(f"can't write {error.filename or folder}: {error.strerror}") from None
    return Split(name=f"selfplay:{workspace.folder.name}", rows=tuple(rows), tests=None)
