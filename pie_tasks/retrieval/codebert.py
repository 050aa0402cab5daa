"""CodeBERT embeddings and FAISS: the paper's retriever. Needs ``pip install 'pie-tasks[retrieval]'``.

A program's embedding is the mean of the last layer over its first 512 tokens; the nearest program has the smallest
Euclidean distance. Where two are almost equally near, machines may differ in their order.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pie_tasks.retrieval.base import RETRIEVERS, Program
from sandbox.types import SandboxError

MODEL = "neulab/codebert-cpp"
MODEL_VARIABLE = "PIE_CODEBERT"
"""Environment variable that names another model, or a folder with a downloaded one."""

_BATCH = 32
_MAX_TOKENS = 512


@RETRIEVERS.register("codebert")
class CodeBertIndex:
    """A flat FAISS index over the embeddings of programs."""

    def __init__(self, programs: Sequence[Program]) -> None:
        try:
            import faiss
            import torch
            import transformers
        except ImportError as error:
            raise SandboxError(
                f"retriever 'codebert' needs the package {error.name}; pip install 'pie-tasks[retrieval]'"
            ) from None
        self._torch = torch
        name = os.environ.get(MODEL_VARIABLE, MODEL)
        try:
            self._tokenizer: Any = transformers.AutoTokenizer.from_pretrained(name)
            self._model: Any = transformers.AutoModel.from_pretrained(name).eval()
        except (OSError, ValueError) as error:
            reason = str(error).strip().splitlines()[0]
            raise SandboxError(
                f"retriever 'codebert' can't load model {name!r} ({reason}); download it and set {MODEL_VARIABLE}"
            ) from None
        vectors = self._embed([program.code for program in programs])
        self._index = faiss.IndexFlatL2(vectors.shape[1])
        self._index.add(vectors)

    def ranked(self, query: Program, count: int) -> list[int]:
        """See :class:`pie_tasks.retrieval.base.Index`."""
        found = min(count, self._index.ntotal)
        distances, positions = self._index.search(self._embed([query.code]), found)
        return [int(i) for _, i in sorted(zip(distances[0].tolist(), positions[0].tolist(), strict=True))]

    def _embed(self, codes: Sequence[str]) -> NDArray[np.float32]:
        batches: list[NDArray[np.float32]] = []
        for start in range(0, len(codes), _BATCH):
            inputs = self._tokenizer(
                list(codes[start : start + _BATCH]),
                padding=True,
                truncation=True,
                max_length=_MAX_TOKENS,
                return_tensors="pt",
            )
            with self._torch.inference_mode():
                hidden = self._model(**inputs).last_hidden_state
            mask = inputs["attention_mask"].unsqueeze(-1)
            mean = (hidden * mask).sum(1) / mask.sum(1)
            batches.append(mean.float().numpy())
        return np.concatenate(batches)
