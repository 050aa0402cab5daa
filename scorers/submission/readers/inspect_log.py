"""Inspect's log: one ``.eval`` (or ``.json``) file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from inspect_ai.log import EvalLog, EvalSample, read_eval_log

from sandbox.types import SandboxError
from scorers.submission.readers.base import RawPair, RawRun
from scorers.submission.readers.lm_eval_output import public
from scorers.submission.run import About


def read_inspect(path: Path) -> RawRun:
    """The run in a log.

    Where a log was scored several times (``inspect score --action append``), the last scores count.

    Raises:
        SandboxError: The log is damaged, its run didn't succeed, or it isn't one of our tasks.
    """
    try:
        log = read_eval_log(str(path))
    except Exception as error:  # whatever a damaged archive makes the library raise
        raise SandboxError(f"can't read the Inspect log {path}: {error}") from None
    if log.status != "success":
        raise SandboxError(f"{path}: the run's status is {log.status}; finish it with inspect eval-retry")
    groups: dict[str, list[tuple[int, Mapping[str, Any], str]]] = {}
    for sample in log.samples or []:
        evidence = _evidence(sample, path)
        groups.setdefault(str(sample.id), []).append((sample.epoch, evidence, sample.output.completion))
    if not groups:
        raise SandboxError(f"{path} has no samples; was it written with --no-log-samples?")
    return RawRun(_about(log, next(iter(groups.values()))[0][1], path), [_pair(group) for group in groups.values()])


def _evidence(sample: EvalSample, path: Path) -> Mapping[str, Any]:
    found = [score.metadata or {} for score in (sample.scores or {}).values()]
    ours = [evidence for evidence in found if "candidate" in evidence]
    if not ours:
        raise SandboxError(f"{path}: sample {sample.id}, epoch {sample.epoch} has no score of pie-tasks")
    return ours[-1]


def _pair(group: list[tuple[int, Mapping[str, Any], str]]) -> RawPair:
    ordered = sorted(group, key=lambda one: one[0])
    evidence = [one[1] for one in ordered]
    source = max((one["source"] for one in evidence), key=lambda record: len(record["tests"]))
    return RawPair(
        evidence[0]["pair_id"],
        evidence[0]["problem_id"],
        source,
        [one["candidate"] for one in evidence],
        [text for _, _, text in ordered],
    )


def _about(log: EvalLog, evidence: Mapping[str, Any], path: Path) -> About:
    run = log.eval.metadata or {}
    if "fingerprint" not in evidence or "strategy" not in run:
        raise SandboxError(f"{path} was not made by a task of pie-tasks")
    config = log.plan.config.model_dump(exclude_none=True) if log.plan else {}
    return About(
        model=log.eval.model,
        split=run["split"],
        split_sha256=evidence["split_sha256"],
        strategy=run["strategy"],
        k=run["k"],
        fingerprint=evidence["fingerprint"],
        engine=evidence["engine"],
        toolchain=evidence["toolchain"],
        isolation=evidence["isolation"],
        task=log.eval.task,
        source="inspect",
        model_args=public(log.eval.model_args),
        sampling=config,
        packages={name: str(version) for name, version in sorted(log.eval.packages.items())},
        date=str(log.eval.created),
    )
