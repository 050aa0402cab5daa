"""The lm-eval task behind every YAML file of this folder.

lm-eval scores one document after another and keeps the first of a document's samples only. This class draws k samples
as k requests, writes all of them to disk, and scores everything in one pool when lm-eval asks for the first document.
"""

from __future__ import annotations

import inspect
import logging
import sys
from collections.abc import Callable, Mapping
from copy import deepcopy
from difflib import get_close_matches
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import Any

from lm_eval.api.instance import Instance
from lm_eval.api.metrics import mean
from lm_eval.api.task import ConfigurableTask
from lm_eval.filters import build_filter_ensemble

from pie_tasks.dataset import Split
from pie_tasks.generations import Generations, new_generations_file, write_generations
from pie_tasks.options import Options
from pie_tasks.progress import show_progress
from pie_tasks.prompts import STOP, build_prompt
from sandbox.paths import require_writable
from sandbox.types import SandboxError
from scorers.evaluate import Evaluator
from scorers.figures import DISTINCT
from scorers.lm_eval_scorer import DocumentScore, score_documents
from scorers.metrics.names import FLAGGED

logger = logging.getLogger("lm_eval.pie_tasks")  # under lm-eval's own logger, so that messages are shown

_FROM_ENVIRONMENT = ("workers", "store", "progress")
FIRST_SEED = 1000
"""Seed of a pair's first sample, for models that are sent one; the others follow."""


class PieTask(ConfigurableTask):  # type: ignore[misc]
    """Best@k of one prompt strategy.

    ``repeats`` in the YAML is k. The metadata holds the strategy as ``task_strategy``, which ``--metadata`` can't change,
    and takes the run's options from there; see :class:`pie_tasks.options.Options`.

    Args:
        config: The YAML's content.
    """

    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__(config={name: value for name, value in config.items() if name != "class"})
        self.config.task_alias = f"{self.config.task} ({self.options.label})"
        # The name of the only filter stands in a column of the table and in the key of every stored figure.
        self._filters = [build_filter_ensemble(self.options.label, [])]

    def download(self, *_: Any, **__: Any) -> None:
        """Load the split."""
        metadata = self.config.metadata or {}
        if metadata.get("k", self.config.repeats) != self.config.repeats:
            raise SandboxError(
                f"k is part of a task's name; {self.config.task} draws {self.config.repeats} samples a pair"
            )
        strategy = metadata.get("task_strategy") or metadata.get("strategy")  # a task of somebody's own may be free
        if metadata.get("strategy", strategy) != strategy:
            raise SandboxError(
                f"the prompt strategy is part of a task's name; {self.config.task} has {strategy}, pie_best8_cot has cot"
            )
        _require_known(metadata)
        self.options = Options.resolve({**metadata, "k": self.config.repeats, "strategy": strategy})
        self.split: Split = self.options.load_scored()
        self.dataset = {"test": self.split.to_hf()}

    def doc_to_text(self, doc: Mapping[str, Any], doc_to_text: Any = None) -> str:
        """The strategy's prompt."""
        return build_prompt(self.options.strategy, self.split.row(doc["pair_id"]), self.split)

    def doc_to_target(self, doc: Mapping[str, Any], doc_to_target: Any = None) -> str:
        """The human author's faster program. No metric looks at it."""
        return str(doc["tgt_code"])

    def build_all_requests(self, **kwargs: Any) -> None:
        """Build the requests, after a check that their answers can be scored here, if they are to be scored.

        lm-eval tells a task nothing of the model, but whether requests need seeds depends on it, so the model is taken
        from the caller's variables. lm-eval's cache of requests is left out: its key knows neither split nor strategy
        nor k.

        Raises:
            SandboxError: Scoring won't work here, the answers can't be kept, or the model would have no room for a prompt.
        """
        if self._scores_answers:
            Evaluator(self.options.settings()).close()
            require_writable(self._file, "generations")
        caller = inspect.currentframe()
        self._model = caller.f_back.f_locals.get("lm") if caller and caller.f_back else None
        _check_room(self._model, self.config.generation_kwargs["max_gen_toks"])
        super().build_all_requests(**{**kwargs, "cache_requests": False, "rewrite_requests_cache": False})

    def construct_requests(self, doc: dict[str, Any], ctx: str, **kwargs: Any) -> list[Instance]:
        """k requests, each with a seed of its own where the model is sent one.

        A model behind lm-eval's API classes gets one and the same seed with every request, so a server that honours
        seeds would give k equal samples.
        """
        task_name, doc_id, _ = kwargs["metadata"]
        arguments = self._arguments(chat=kwargs["apply_chat_template"])
        return [
            Instance(
                request_type="generate_until",
                doc=doc,
                arguments=(ctx, {**deepcopy(arguments), **self._seed(index)}),
                idx=index,
                metadata=(task_name, doc_id, 1),
            )
            for index in range(self.options.k)
        ]

    def _arguments(self, chat: bool) -> dict[str, Any]:
        arguments = dict(self.config.generation_kwargs)
        if not arguments.get("until") and not chat:
            arguments["until"] = list(STOP)
        return arguments

    def _seed(self, index: int) -> dict[str, int]:
        if self.options.k == 1 or "seed" in self.config.generation_kwargs or not _is_sent_a_seed(self._model):
            return {}
        return {"seed": FIRST_SEED + index}

    def process_results(self, doc: dict[str, Any], results: list[list[str]]) -> dict[str, Any]:
        """The document's figures; the first call scores all documents. Executes nothing under ``--predict_only``.

        lm-eval logs the document after this: the evidence for each candidate travels in it.
        """
        if not self._scores_answers:
            return dict(super().process_results(doc, results))
        score = self._scores[doc["pair_id"]]
        doc.update(source=score.source, candidates=score.candidates)
        return score.figures

    @property
    def _scores_answers(self) -> bool:
        """False under ``--predict_only``, which works also where no sandbox does."""
        return "bypass" not in self._metric_fn_list

    @cached_property
    def _scores(self) -> dict[str, DocumentScore]:
        generations = self._generations()
        path = self._file
        write_generations(path, generations)
        logger.info("Scoring %s; its generations are in %s", self.config.task_alias, path)
        items = [(self.split.pair(self.split.row(pair_id)), texts) for pair_id, texts in generations.items()]
        with show_progress(items) as report, Evaluator(self.options.settings(), report) as evaluator:
            run = score_documents(evaluator, items)
            fingerprint = evaluator.fingerprint
        scores = run.documents
        names = next(iter(scores.values())).figures
        self._aggregation_list = {name: run.derived[name].aggregate if name in run.derived else mean for name in names}
        self._higher_is_better = {name: not name.startswith(FLAGGED) for name in names}
        if self.options.k > 1 and all(score.figures[DISTINCT] == 1 for score in scores.values()):
            logger.warning(
                "All %d samples of every pair are equal: the model doesn't sample (temperature 0, or one seed for all "
                "requests), so best@%d is best@1.",
                self.options.k,
                self.options.k,
            )
        self.config.metadata |= {
            "pie": {
                "split": self.split.name,
                "split_sha256": self.split.content_sha256,
                "strategy": self.options.strategy,
                "k": self.options.k,
                "fingerprint": fingerprint,
                "engine": self.options.engine,
                "toolchain": self.options.toolchain,
                "isolation": self.options.isolation,
                "packages": {"pie-tasks": version("pie-tasks")},
                "generations": str(path),
            }
        }
        return scores

    def _generations(self) -> Generations:
        generations: Generations = {}
        for instance in sorted(self.instances, key=lambda instance: (instance.doc_id, instance.idx)):
            generations.setdefault(instance.doc["pair_id"], []).extend(instance.resps)
        return generations

    @cached_property
    def _file(self) -> Path:
        """Where the answers are kept."""
        given = (self.config.metadata or {}).get("generations")
        return Path(given) if given else new_generations_file(f"{self.config.task}-{self.split.name.replace('/', '_')}")


def _require_known(metadata: Mapping[str, Any]) -> None:
    """lm-eval puts the model's arguments into the metadata too, so only what is misspelt is wrong."""
    options = [name for name in Options.__dataclass_fields__ if len(name) > 1]
    for name in sorted(metadata.keys() - options):
        if name in _FROM_ENVIRONMENT:
            raise SandboxError(f"{name} can't be chosen with --metadata; set PIE_{name.upper()}")
        if close := get_close_matches(name, options, 1, 0.8):
            raise SandboxError(f"--metadata has no {name!r}; did you mean {close[0]!r}?")


def _check_room(model: Any, answer: int) -> None:
    """lm-eval cuts a prompt to what the answer leaves of an API model's ``max_length``: silently, and to nothing."""
    room = getattr(model, "max_length", None) if getattr(model, "tokenized_requests", False) else None
    if isinstance(room, int) and room <= answer:
        raise SandboxError(
            f"the model's max_length of {room + 1} tokens leaves no room for a prompt beside answers of {answer}; "
            f"pass --model_args max_length=... or --gen_kwargs max_gen_toks=..."
        )


def _is_sent_a_seed(model: Any) -> bool:
    """Whether lm-eval's class for this model puts a seed of its own into each request's payload."""
    payload: Callable[..., Any] | None = getattr(model, "_create_payload", None)
    return payload is not None and "seed" in inspect.signature(payload).parameters


def _print_fault_as_one_line(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
    if issubclass(kind, SandboxError):
        print(f"pie: {error}", file=sys.stderr)
    else:
        _default_hook(kind, error, traceback)


# lm-eval's command line lets errors through as tracebacks; ours are made to be read by people.
_default_hook = sys.excepthook
sys.excepthook = _print_fault_as_one_line
