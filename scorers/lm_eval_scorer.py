"""From lm-eval's documents to the shared scorer, all in one pool, and back to figures and evidence for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scorers.evaluate import Evaluator
from scorers.figures import pair_figures
from scorers.records import Record, candidate_record, source_record
from scorers.types import Pair


@dataclass(frozen=True)
class DocumentScore:
    """What lm-eval keeps of one document.

    Attributes:
        figures: Metric name -> the document's value.
        source: The slow program's verdicts.
        candidates: Evidence for each sample.
    """

    figures: dict[str, float]
    source: Record
    candidates: list[Record]


def score_documents(evaluator: Evaluator, items: Sequence[tuple[Pair, Sequence[str]]]) -> dict[str, DocumentScore]:
    """Score all documents at once.

    Args:
        evaluator: What measures.
        items: Pairs with their responses' texts.

    Returns:
        Pair id -> score.

    Raises:
        SandboxError: A response could not be judged.
    """
    scores = evaluator.evaluate(items)
    figures = pair_figures(scores, [responses for _, responses in items])
    return {
        score.pair_id: DocumentScore(
            values, source_record(score), [candidate_record(candidate) for candidate in score.candidates]
        )
        for score, values in zip(scores, figures, strict=True)
    }
