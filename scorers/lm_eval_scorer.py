"""From lm-eval's documents to the shared scorer, all in one pool, and back to figures and evidence for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scorers.evaluate import Evaluator
from scorers.figures import Derived, derived_figures, pair_figures
from scorers.records import Record, candidate_record, source_record
from scorers.types import Pair


@dataclass(frozen=True)
class DocumentScore:
    """What lm-eval keeps of one document.

    Attributes:
        figures: Metric name -> the document's value; what the metric makes of all documents' is in
            :class:`RunScore`.
        source: The slow program's verdicts.
        candidates: Evidence for each sample.
    """

    figures: dict[str, float]
    source: Record
    candidates: list[Record]


@dataclass(frozen=True)
class RunScore:
    """All documents of a run.

    Attributes:
        documents: Pair id -> score.
        derived: The metrics that aren't means over documents.
    """

    documents: dict[str, DocumentScore]
    derived: dict[str, Derived]


def score_documents(evaluator: Evaluator, items: Sequence[tuple[Pair, Sequence[str]]]) -> RunScore:
    """Score all documents at once.

    Args:
        evaluator: What measures.
        items: Pairs with their responses' texts.

    Raises:
        SandboxError: A response could not be judged.
    """
    scores = evaluator.evaluate(items)
    figures = pair_figures(scores, [responses for _, responses in items])
    derived = derived_figures(len(items[0][1]), [pair.problem_id for pair, _ in items])
    documents = {
        score.pair_id: DocumentScore(
            {**values, **{name: values[one.of] for name, one in derived.items()}},
            source_record(score),
            [candidate_record(candidate) for candidate in score.candidates],
        )
        for score, values in zip(scores, figures, strict=True)
    }
    return RunScore(documents, derived)
