"""lm-eval's output folder: ``results_*.json`` and ``samples_<task>_*.jsonl``."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from sandbox.types import SandboxError
from scorers.submission.readers.base import RawPair, RawRun
from scorers.submission.run import About


def read_lm_eval(path: Path, task: str | None = None) -> RawRun:
    """The run in an output folder (``--output_path`` with ``--log_samples``), or of one of its results files.

    Args:
        path: The folder, or a ``results_*.json``. Of several runs in a folder the newest is taken.
        task: Which task, where the run has several of ours.

    Raises:
        SandboxError: Something is missing or damaged; one line says what.
    """
    results_file = path if path.is_file() else _newest(path)
    results = _load(results_file)
    name, config = _task(results, results_file, task)
    pie = config["metadata"]["pie"]
    samples = results_file.with_name(results_file.name.replace("results_", f"samples_{name}_")).with_suffix(".jsonl")
    if not samples.is_file():
        raise SandboxError(f"{samples} is missing; run lm_eval with --log_samples")
    return RawRun(_about(results, name, config, pie), list(_pairs(samples)))


def _newest(folder: Path) -> Path:
    files = sorted(folder.glob("**/results_*.json"), key=lambda file: file.name)
    if not files:
        raise SandboxError(f"{folder} holds no results_*.json of lm-eval; was --output_path given?")
    return files[-1]


def _load(path: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise SandboxError(f"can't read {path}: {error}") from None


def _task(results: Mapping[str, Any], path: Path, wanted: str | None) -> tuple[str, Mapping[str, Any]]:
    configs = results.get("configs", {})
    ours = {name: config for name, config in configs.items() if "pie" in (config.get("metadata") or {})}
    if not ours:
        raise SandboxError(
            f"{path} has no scored task of pie-tasks; --predict_only runs are packed from their generations"
        )
    if wanted is None and len(ours) > 1:
        raise SandboxError(f"{path} has several tasks; choose one with --task: {', '.join(sorted(ours))}")
    name = next(iter(ours)) if wanted is None else wanted
    if name not in ours:
        raise SandboxError(f"{path} has no task {name}; choose from: {', '.join(sorted(ours))}")
    return name, ours[name]


def _about(results: Mapping[str, Any], name: str, config: Mapping[str, Any], pie: Mapping[str, Any]) -> About:
    run = results.get("config", {})
    sampling = {key: value for key, value in config.get("generation_kwargs", {}).items() if value is not None}
    packages = {"lm-eval": str(results.get("lm_eval_version", "")), **pie.get("packages", {})}
    date = results.get("date")
    return About(
        model=_model(results.get("model_name"), run),
        split=pie["split"],
        split_sha256=pie["split_sha256"],
        strategy=pie["strategy"],
        k=pie["k"],
        fingerprint=pie["fingerprint"],
        engine=pie["engine"],
        toolchain=pie["toolchain"],
        isolation=pie["isolation"],
        task=name,
        source="lm-eval",
        model_args=_arguments(run),
        sampling=sampling,
        packages={key: value for key, value in packages.items() if value},
        date=datetime.fromtimestamp(int(date), timezone.utc).isoformat() if isinstance(date, (int, float)) else None,
    )


def _model(name: Any, run: Mapping[str, Any]) -> str:
    """The model's name; lm-eval makes one up at random where the arguments have none."""
    return name if isinstance(name, str) and name in str(run.get("model_args")) else str(run.get("model", ""))


def _arguments(run: Mapping[str, Any]) -> dict[str, Any]:
    """The model's arguments, with those left out that could be secret."""
    given = run.get("model_args") or {}
    if isinstance(given, str):
        given = dict(part.partition("=")[::2] for part in given.split(",") if part)
    return {"model": run.get("model"), **public(given)}


def public(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments without those whose names say that they are secret."""
    secret = ("key", "token", "secret", "password", "header", "auth")
    return {name: value for name, value in arguments.items() if not any(part in name.lower() for part in secret)}


def _pairs(path: Path) -> Iterator[RawPair]:
    seen: set[str] = set()
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            try:
                sample = json.loads(line)
                doc = sample["doc"]
                pair = RawPair(
                    doc["pair_id"], doc["problem_id"], doc["source"], doc["candidates"], _texts(sample["resps"])
                )
            except (ValueError, KeyError, TypeError) as error:
                raise SandboxError(f"{path}, line {number}: not a sample of pie-tasks ({error!r})") from None
            if pair.pair_id not in seen:  # one line a filter; ours has one filter, but a user may add others
                seen.add(pair.pair_id)
                yield pair


def _texts(responses: list[Any]) -> list[str]:
    return [text for response in responses for text in ([response] if isinstance(response, str) else response)]
