"""The one scorer under every front door: from pairs and responses to scores.

lm-eval, Inspect and ``pie score`` all call :class:`Evaluator`, so the same completions give the same numbers everywhere.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from pathlib import Path

from sandbox.paths import default_cache
from sandbox.scheduler import (
    DEFAULT_ENGINE,
    DEFAULT_TOOLCHAIN,
    Progress,
    SandboxConfig,
    Scheduler,
    default_store,
    default_workers,
)
from sandbox.scheduler.work import Done, Unit
from sandbox.store.sqlite import describe
from sandbox.types import Limits, SandboxError, Submission, Verdict, sha256
from scorers.extract import extract_code
from scorers.flags import Evidence, raised_flags
from scorers.types import CandidateScore, Pair, PairScore

CHECKERS = ("pie_compat", "strict")
"""The checkers of every evaluation; the first one decides the headline figures."""


@dataclass(frozen=True)
class Settings:
    """What to measure with, by the names that users give.

    Attributes:
        engine: What measures time.
        toolchain: The root that compiles and runs programs.
        isolation: What contains them.
        accept_no_isolation: That the isolation may be ``none``, given ``HF_ALLOW_CODE_EVAL=1`` in the environment too. It
            is the word of who runs the programs now; nothing that is recorded or packed may stand for it.
        engine_options: The engine's own options.
        limits: Limits of compilations and runs.
        workers: Worker processes; ``None`` means ``PIE_WORKERS`` or all cores.
        executor: Where the workers are.
        store: The store's file; ``None`` means ``PIE_STORE`` or the user's cache folder.
        all_tests: Run all tests also after a failure, for full accuracies.
        timing_tests: Time only so many tests of each problem; ``None`` times all. All decide correctness.
    """

    engine: str = DEFAULT_ENGINE
    toolchain: str = DEFAULT_TOOLCHAIN
    isolation: str = "bubblewrap"
    accept_no_isolation: bool = False
    engine_options: Mapping[str, str] = field(default_factory=dict)
    limits: Limits = Limits()
    workers: int | None = None
    executor: str = "local"
    store: Path | None = None
    all_tests: bool = False
    timing_tests: int | None = None


class Evaluator:
    """Scores candidates on one pool of workers. A context manager; safe to share between threads and event loops.

    Args:
        settings: What to measure with.
        on_progress: Called with a snapshot after every change, from the scheduler's thread.
        on_unit: Called with every unit of work that is done, and what it did, from the same thread.

    Raises:
        SandboxError: A name is unknown, a tool is missing, or candidates would run without isolation unasked.
    """

    def __init__(
        self,
        settings: Settings,
        on_progress: Callable[[Progress], None] | None = None,
        on_unit: Callable[[Unit, Done], None] | None = None,
    ) -> None:
        self.settings = settings
        config = SandboxConfig(
            engine=settings.engine,
            toolchain=settings.toolchain,
            isolation=settings.isolation,
            accept_no_isolation=settings.accept_no_isolation,
            options=tuple(sorted(settings.engine_options.items())),
            limits=settings.limits,
            checkers=CHECKERS,
            all_tests=settings.all_tests,
            timing_tests=settings.timing_tests,
            store=(settings.store or default_store()).absolute(),
            cache=default_cache().absolute(),
        )
        workers = default_workers() if settings.workers is None else settings.workers
        if workers < 1:
            raise SandboxError(f"workers is {workers}; give at least 1")
        self._scheduler = Scheduler(config, workers, settings.executor, on_progress, on_unit)

    def __enter__(self) -> Evaluator:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End all work; what is measured stays in the store."""
        self._scheduler.close()

    @property
    def fingerprint(self) -> dict[str, str]:
        """What decides every time of this evaluation, with its own hash under ``sha256``."""
        parts = dict(self._scheduler.bench.fingerprint)
        if self.settings.timing_tests is not None:
            parts["timing_tests"] = str(self.settings.timing_tests)
        return {**parts, "sha256": sha256(describe(parts).encode())}

    @property
    def progress(self) -> Progress:
        return self._scheduler.progress

    def evaluate(self, items: Sequence[tuple[Pair, Sequence[str]]]) -> list[PairScore]:
        """Score the responses of many pairs in one pool.

        Args:
            items: Pairs with their responses' texts, in the order they were sampled.

        Raises:
            SandboxError: A program could not be judged, after retries. All other work is finished and stored first.
        """
        pending = [self._submit(pair, responses) for pair, responses in items]
        # What follows computes; done earlier, it would take the interpreter from the scheduler and idle its workers.
        wait([future for one in pending for future in one.futures])
        faults: list[str] = []
        scores: list[PairScore] = []
        for one in pending:
            try:
                scores.append(one.result())
            except SandboxError as error:
                faults.append(str(error))
        if faults:
            more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
            raise SandboxError(f"{faults[0]}{more}; everything measured is kept, run the same command again")
        return scores

    async def evaluate_one(self, pair: Pair, response: str) -> PairScore:
        """Score one response without blocking the event loop.

        Raises:
            SandboxError: As in :meth:`evaluate`.
        """
        one = self._submit(pair, [response])
        await asyncio.gather(*(asyncio.wrap_future(future) for future in one.futures), return_exceptions=True)
        return one.result()

    def _submit(self, pair: Pair, responses: Sequence[str]) -> _Pending:
        limits = self.settings.limits
        codes = [extract_code(response, pair.src_code) for response in responses]
        submit = self._scheduler.submit
        return _Pending(
            pair,
            codes,
            submit(Submission(pair.src_code, pair.tests, limits)),
            [submit(Submission(code, pair.tests, limits)) for code in codes],
        )


@dataclass(frozen=True)
class _Pending:
    """A pair under way."""

    pair: Pair
    codes: list[str | None]
    source: Future[Mapping[str, Verdict]]
    candidates: list[Future[Mapping[str, Verdict]]]

    @property
    def futures(self) -> list[Future[Mapping[str, Verdict]]]:
        return [self.source, *self.candidates]

    def result(self) -> PairScore:
        """Wait for the verdicts and make the pair's score of them."""
        source = self.source.result()
        return PairScore(
            self.pair.pair_id,
            self.pair.problem_id,
            source,
            tuple(
                _candidate_score(code, self.pair, source, future.result())
                for code, future in zip(self.codes, self.candidates, strict=True)
            ),
        )


def _candidate_score(
    code: str | None, pair: Pair, source: Mapping[str, Verdict], verdicts: Mapping[str, Verdict]
) -> CandidateScore:
    speedups = {checker: speedup(source[checker], verdict) for checker, verdict in verdicts.items()}
    flags = () if code is None else raised_flags(Evidence(code, pair, verdicts, speedups[CHECKERS[0]]))
    return CandidateScore(code, verdicts, speedups, flags)


def speedup(source: Verdict, candidate: Verdict) -> float:
    """Source time / candidate time; 1.0 where the candidate is wrong or either has no finite time.

    A source without a time (it fails its own tests, or the engine can't run it) claims no speedup; summaries count
    such pairs.
    """
    if not candidate.correct or candidate.ticks is None or source.ticks is None:
        return 1.0
    return source.ticks / candidate.ticks
